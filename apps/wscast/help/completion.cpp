#include "help/completion.h"

#include <algorithm>
#include <iterator>

namespace wscast::program {
namespace {

/// Whether `options` has the first flag of `option`, such as -h.
bool has(const std::vector<CommandOption>& options, const CommandOption& option) {
  return std::ranges::any_of(
      options, [&option](const CommandOption& other) { return other.flags == option.flags; });
}

void add(const Command& command, const Command* parent, std::vector<Command>& out) {
  Command whole = command;
  if (parent != nullptr && command.takes_flags_of_parent) {
    std::ranges::copy_if(parent->options, std::back_inserter(whole.options),
                         [&command](const CommandOption& option) {
                           return !option.is_positional() && !has(command.options, option);
                         });
  }
  out.push_back(whole);
  for (const Command& below : command.commands) add(below, &whole, out);
}

}  // namespace

std::vector<Command> all_commands(const Command& program) {
  std::vector<Command> out;
  add(program, nullptr, out);
  return out;
}

std::string shell_quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string spaced(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : " ") + text;
  return out;
}

std::vector<std::string> names_below(const Command& command) {
  std::vector<std::string> out;
  for (const Command& below : command.commands) out.push_back(below.name());
  return out;
}

}  // namespace wscast::program
