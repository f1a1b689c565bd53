#include <algorithm>
#include <string_view>

#include "help/completion.h"

namespace wscast::program {
namespace {

/// `text` with a backslash before each of `special`.
std::string escaped(const std::string& text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (c == '\\' || special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

std::string function_of(const Command& command) {
  std::string out = "_" + command.path;
  std::ranges::replace(out, ' ', '_');
  return out;
}

/// `:message:action` of _arguments; empty for a switch.
std::string value_of(const CommandOption& option) {
  if (option.type.empty()) return "";
  const std::string message = ":" + escaped(option.type, ":") + ":";
  if (is_file(option.type)) return message + "_files";
  const auto choices = choices_of(option.type);
  // Of a flag, zsh shows the message; before a positional argument it would hold back the flags.
  if (choices.empty() && !option.is_positional()) return message + " ";
  return message + "(" + spaced(choices) + ")";
}

/// The arguments of _arguments for an option, one a flag.
std::string specs_of(const CommandOption& option) {
  std::string out;
  for (const auto& flag : option.flags) {
    std::string spec = option.repeatable         ? "*"
                       : option.flags.size() > 1 ? "(" + spaced(option.flags) + ")"
                                                 : "";
    spec += flag;
    if (!option.type.empty()) spec += flag.starts_with("--") ? "=" : "+";
    spec += "[" + escaped(option.help, "[]") + "]" + value_of(option);
    out += " \\\n    " + shell_quoted(spec);
  }
  if (option.is_positional()) out += " \\\n    " + shell_quoted(":" + value_of(option).substr(1));
  return out;
}

std::string arguments_of(const Command& command) {
  std::string out;
  for (const CommandOption& option : command.options) out += specs_of(option);
  return out;
}

/// A function for a command without others below it.
std::string simple_function(const Command& command) {
  return "\n" + function_of(command) + "() {\n  _arguments" + arguments_of(command) + "\n}\n";
}

std::string function_with_commands(const Command& command) {
  std::string described;
  std::string cases;
  for (const Command& below : command.commands) {
    described += " \\\n        " + shell_quoted(below.name() + ":" + escaped(below.help, ":"));
    cases += "        " + below.name() + ") " + function_of(below) + " ;;\n";
  }
  return "\n" + function_of(command) +
         "() {\n  local curcontext=$curcontext state line\n  local -a commands\n  _arguments -C -A "
         "'-*'" +
         arguments_of(command) +
         " \\\n    '1: :->command' \\\n    '*:: :->rest'\n  case $state in\n    command)\n"
         "      commands=(" +
         described + ")\n      _describe command commands\n      ;;\n    rest)\n" +
         "      case $line[1] in\n" + cases + "      esac\n      ;;\n  esac\n}\n";
}

}  // namespace

std::string zsh_completion(const Command& program) {
  std::string functions;
  for (const Command& command : all_commands(program)) {
    functions +=
        command.commands.empty() ? simple_function(command) : function_with_commands(command);
  }
  return "#compdef wscast\n"
         "# Completes the command line of wscast in zsh; made by: wscast completion zsh\n" +
         functions +
         "\n# Either loaded as this function, or evaluated.\n"
         "if [[ $funcstack[1] == _wscast ]]; then\n"
         "  _wscast \"$@\"\n"
         "else\n"
         "  compdef _wscast wscast\n"
         "fi\n";
}

}  // namespace wscast::program
