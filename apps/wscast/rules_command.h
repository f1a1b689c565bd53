#pragma once

#include <string>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments of `wscast rules test`.
struct RulesArguments {
  std::string file = "wscast.toml";
  std::string user;
  std::string room;
  std::string event;            ///< Empty: about joining.
  std::string metadata = "{}";  ///< A JSON object.
  std::string own_rooms;        ///< Patterns of the client's token, with commas between them.
};

/// Adds `test` to `app`; `arguments` is filled when it parses, and must outlive it.
void add_rules_flags(CLI::App& app, RulesArguments& arguments);

/// Prints which rule decides about a user and a room. Returns the exit code: 0 if the user may, 1
/// if not. Throws ConfigurationError when something is wrong with the file.
int test_rules(const RulesArguments& arguments);

}  // namespace wscast::program
