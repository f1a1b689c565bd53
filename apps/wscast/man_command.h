#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast man`.
struct ManArguments {
  std::string page;  ///< Such as `wscast-serve.1`; empty: list the pages.
};

/// Adds the arguments of `man` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_man_flags(CLI::App& app, ManArguments& arguments);

/// Prints a page of the manual of `program`, made from what --help says, or the names of all pages.
/// Returns the exit code. Throws std::invalid_argument if there is no such page.
int print_page(const CLI::App& program, const ManArguments& arguments);

}  // namespace wscast::program
