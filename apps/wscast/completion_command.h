#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast completion`.
struct CompletionArguments {
  std::string shell;  ///< bash, zsh or fish
};

/// Adds the argument of `completion` to `app`; `arguments` is filled when it parses, and must
/// outlive it.
void add_completion_flags(CLI::App& app, CompletionArguments& arguments);

/// Prints a script that completes the command line of `program`. Returns the exit code.
int print_completion(const CLI::App& program, const CompletionArguments& arguments);

}  // namespace wscast::program
