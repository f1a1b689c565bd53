#pragma once

#include <string>
#include <string_view>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Stands before the example in --help.
inline constexpr std::string_view kExampleTitle = "Example: ";

/// The example of the command of that path, such as `wscast serve`: one line for a shell, which
/// works. Throws std::logic_error for a command without one.
std::string_view example_of(std::string_view path);

/// Lets --help of a program, and of all commands below it, end with its example. `above`: the path
/// of what it belongs to, and a space; or empty.
void add_examples(CLI::App& app, const std::string& above = "");

}  // namespace wscast::program
