#pragma once

#include <string>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// A flag or a positional argument of a command, as --help has it.
struct CommandOption {
  std::vector<std::string> flags{};  ///< `-v` and `--verbose`; empty: it is positional.
  std::string type{};                ///< Such as `FILE`, or the choices; empty: a switch.
  std::string help;
  std::string default_text;  ///< Empty: none.
  std::string variable;      ///< Of the environment; empty: none.
  std::string group;         ///< Its heading in --help.
  bool required = false;
  bool repeatable = false;

  bool is_positional() const { return flags.empty(); }
};

/// A command as --help has it, and the commands below it. Hidden flags are left out.
struct Command {
  std::string path;  ///< With those above it, such as `wscast config show`.
  std::string help;
  std::string note;                      ///< What stands below the options; or empty.
  std::string example{};                 ///< One line for a shell; or empty.
  std::vector<CommandOption> options{};  ///< Positional arguments first.
  std::vector<Command> commands{};
  bool takes_flags_of_parent = false;

  /// The last word of the path.
  std::string name() const { return path.substr(path.rfind(' ') + 1); }
};

/// Reads a command. Pages of the manual and completions are made from the result.
Command describe(const CLI::App& app);

/// The choices of a type such as `text,json`; empty for other types, which have capital letters.
std::vector<std::string> choices_of(const std::string& type);

/// Whether a value of the type is the path of a file.
bool is_file(const std::string& type);

}  // namespace wscast::program
