#include "help/command_page.h"

#include <algorithm>
#include <cctype>

#include "exit_code.h"
#include "help/roff.h"

namespace wscast::program {
namespace {

/// `[options] ROOM EVENT JSON`: what follows the path of a command.
std::string usage(const Command& command) {
  std::string out = "[" + roff_italic("options") + "]";
  if (!command.commands.empty()) out += " " + roff_italic("command");
  for (const CommandOption& option : command.options) {
    if (!option.is_positional()) continue;
    const std::string type = roff_italic(option.type);
    out += option.required ? " " + type : " [" + type + "]";
  }
  return out;
}

/// `--listen ADDRESS ...`
std::string tag_of(const CommandOption& option) {
  std::string out;
  for (const auto& flag : option.flags) out += (out.empty() ? "" : ", ") + roff_bold(flag);
  if (!option.type.empty()) out += (out.empty() ? "" : " ") + roff_italic(option.type);
  return option.repeatable ? out + " ..." : out;
}

std::string entry_of(const CommandOption& option) {
  std::string body = roff(option.help + ".");
  if (!option.default_text.empty()) body += "\nDefault: " + roff_bold(option.default_text) + ".";
  if (!option.variable.empty()) body += "\nEnvironment: " + roff_bold(option.variable) + ".";
  if (option.required && !option.is_positional()) body += "\nRequired.";
  return roff_entry(tag_of(option), body);
}

/// The heading of options that are in no group of their own.
constexpr const char* kOptions = "Options";

/// The groups of a command's options, in order.
std::vector<std::string> groups_of(const Command& command) {
  std::vector<std::string> out;
  for (const CommandOption& option : command.options) {
    if (std::ranges::find(out, option.group) == out.end()) out.push_back(option.group);
  }
  return out;
}

std::string options_of(const Command& command) {
  std::string out;
  for (const std::string& group : groups_of(command)) {
    if (group != kOptions) out += ".PP\n" + roff_bold(group) + "\n";
    for (const CommandOption& option : command.options) {
      if (option.group == group) out += entry_of(option);
    }
  }
  return out;
}

std::string description_of(const Command& command) {
  std::string out = roff(command.help + ".") + "\n";
  out.front() = static_cast<char>(std::toupper(static_cast<unsigned char>(out.front())));
  if (!command.note.empty()) out += ".PP\n" + roff(command.note) + "\n";
  return out;
}

std::string beginning(const Command& command) {
  return roff_title(page_name(command), 1) + roff_section("NAME") + roff(page_name(command)) +
         " \\- " + roff(command.help) + "\n" + roff_section("SYNOPSIS") + roff_bold(command.path) +
         " " + usage(command) + "\n" + roff_section("DESCRIPTION") + description_of(command) +
         roff_section("OPTIONS") + options_of(command);
}

std::string example_of(const Command& command) {
  if (command.example.empty()) return {};
  return roff_section("EXAMPLE") + roff_example(command.example);
}

/// What the codes mean after a command; `name` empty: after each that has a meaning of its own.
std::string exit_section(const std::string& name) {
  std::string out = roff_section("EXIT STATUS");
  for (auto statuses = exit_statuses(); !statuses.empty();) {
    const ExitCode code = statuses.front().code;
    std::string body;
    for (; !statuses.empty() && statuses.front().code == code; statuses = statuses.subspan(1)) {
      const auto& [_, command, meaning] = statuses.front();
      if (!name.empty() && !command.empty() && command != name) continue;
      if (!body.empty()) body += ". ";
      if (name.empty() && !command.empty()) body.append(command).append(": ");
      body += meaning;
    }
    if (!body.empty()) out += roff_entry(std::to_string(code), roff(body + "."));
  }
  return out;
}

std::string reference(const std::string& page, int section) {
  return roff_bold(page) + "(" + std::to_string(section) + ")";
}

}  // namespace

std::string page_name(const Command& command) {
  std::string out = command.path;
  std::ranges::replace(out, ' ', '-');
  return out;
}

std::string program_page(const Command& program) {
  std::string out = beginning(program) + roff_section("COMMANDS");
  for (const Command& command : program.commands) {
    out += roff_entry(reference(page_name(command), 1), roff(command.help + "."));
  }
  return out + exit_section("") + example_of(program) + roff_section("SEE ALSO") +
         reference("wscast.toml", 5) + "\n";
}

std::string command_page(const Command& command) {
  std::string out = beginning(command);
  if (!command.commands.empty()) out += roff_section("COMMANDS");
  for (const Command& below : command.commands) {
    out += roff_subsection(below.path);
    out += roff_bold(below.path) + " " + usage(below) + "\n.PP\n" + description_of(below) +
           options_of(below);
  }
  return out + exit_section(command.name()) + example_of(command) + roff_section("SEE ALSO") +
         reference("wscast", 1) + ", " + reference("wscast.toml", 5) + "\n";
}

}  // namespace wscast::program
