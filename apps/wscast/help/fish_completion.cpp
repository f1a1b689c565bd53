#include "help/completion.h"

namespace wscast::program {
namespace {

/// `text` in single quotes, where fish takes a backslash for itself.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out + "'";
}

/// How the value of an option is completed; `none` for one without.
std::string value_of(const CommandOption& option, const std::string& none) {
  if (is_file(option.type)) return " -r -F";
  const auto choices = choices_of(option.type);
  if (!choices.empty()) return " -x -a " + quoted(spaced(choices));
  return option.type.empty() ? none : " -x";
}

std::string line_of(const Command& command, const CommandOption& option) {
  std::string out = "complete -c wscast -n " + quoted("__wscast_at " + quoted(command.path));
  if (option.is_positional()) {
    const std::string value = value_of(option, "");
    return value == " -x" ? "" : out + value + "\n";
  }
  for (const auto& flag : option.flags) {
    const bool is_long = flag.starts_with("--");
    out += (is_long ? " -l " : " -s ") + flag.substr(is_long ? 2 : 1);
  }
  return out + value_of(option, "") + " -d " + quoted(option.help) + "\n";
}

}  // namespace

std::string fish_completion(const Command& program) {
  std::string paths;
  std::string lines;
  for (const Command& command : all_commands(program)) {
    paths += " " + quoted(command.path);
    for (const Command& below : command.commands) {
      lines += "complete -c wscast -n " + quoted("__wscast_at " + quoted(command.path)) + " -a " +
               below.name() + " -d " + quoted(below.help) + "\n";
    }
    for (const CommandOption& option : command.options) lines += line_of(command, option);
  }
  return "# Completes the command line of wscast in fish; made by: wscast completion fish\n\n"
         "# Whether the words so far are those of a command, which its arguments may follow.\n"
         "function __wscast_at\n"
         "  set -l path wscast\n"
         "  for word in (commandline -opc)[2..-1]\n"
         "    contains -- \"$path $word\"" +
         paths +
         "; and set path \"$path $word\"\n"
         "  end\n"
         "  test \"$path\" = \"$argv[1]\"\n"
         "end\n\n"
         "complete -c wscast -f\n" +
         lines;
}

}  // namespace wscast::program
