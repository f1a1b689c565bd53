#include <map>

#include "help/completion.h"

namespace wscast::program {
namespace {

constexpr const char* kFunction = R"(
_wscast() {
  local word=${COMP_WORDS[COMP_CWORD]} command=wscast commands flags argument value last i=1
  while ((i < COMP_CWORD)); do
    last=${COMP_WORDS[i]}
    value=
    if [[ $last == -* ]]; then
      _wscast_value "$command" "$last"
      # Bash parts --flag=value at the =.
      [[ $value && ${COMP_WORDS[i + 1]-} == = ]] && ((i += 1))
      [[ $value ]] && ((i += 1))
    else
      _wscast_command "$command"
      [[ " $commands " == *" $last "* ]] && command+=" $last"
    fi
    ((i += 1))
  done
  [[ $word == = ]] && word=
  _wscast_command "$command"
  if ((i == COMP_CWORD)); then
    value=$argument
    if [[ $word == -* ]]; then
      value=$flags
    elif [[ $commands ]]; then
      value=$commands
    fi
  fi
  case $value in
    FILE)
      compopt -o filenames 2>/dev/null
      mapfile -t COMPREPLY < <(compgen -f -- "$word")
      ;;
    ANY) COMPREPLY=() ;;
    *) mapfile -t COMPREPLY < <(compgen -W "$value" -- "$word") ;;
  esac
}

complete -F _wscast wscast
)";

/// What completes a value: `FILE`, `ANY` for nothing, or its choices.
std::string value_of(const CommandOption& option) {
  if (is_file(option.type)) return "FILE";
  const auto choices = choices_of(option.type);
  return choices.empty() ? "ANY" : spaced(choices);
}

std::string words_case(const Command& command) {
  std::vector<std::string> flags;
  std::string argument;
  for (const CommandOption& option : command.options) {
    if (option.is_positional() && argument.empty()) argument = value_of(option);
    flags.insert(flags.end(), option.flags.begin(), option.flags.end());
  }
  return "    " + shell_quoted(command.path) +
         ")\n      commands=" + shell_quoted(spaced(names_below(command))) +
         "\n      flags=" + shell_quoted(spaced(flags)) +
         "\n      argument=" + shell_quoted(argument) + "\n      ;;\n";
}

std::string values_case(const Command& command) {
  std::map<std::string, std::string> patterns;  // By value.
  for (const CommandOption& option : command.options) {
    if (option.type.empty()) continue;
    for (const auto& flag : option.flags) {
      std::string& pattern = patterns[value_of(option)];
      pattern += (pattern.empty() ? "" : " | ") + shell_quoted(command.path + " " + flag);
    }
  }
  std::string out;
  for (const auto& [value, pattern] : patterns) {
    out += "    " + pattern + ") value=" + shell_quoted(value) + " ;;\n";
  }
  return out;
}

}  // namespace

std::string bash_completion(const Command& program) {
  std::string words;
  std::string values;
  for (const Command& command : all_commands(program)) {
    words += words_case(command);
    values += values_case(command);
  }
  return "# Completes the command line of wscast in bash; made by: wscast completion bash\n\n"
         "# What a command has below it, its flags, and what its first argument is.\n"
         "_wscast_command() {\n  case $1 in\n" +
         words +
         "  esac\n}\n\n"
         "# What the value of a flag of a command is: FILE, ANY or the choices.\n"
         "_wscast_value() {\n  case \"$1 $2\" in\n" +
         values + "  esac\n}\n" + kFunction;
}

}  // namespace wscast::program
