#include "config/config_writer.h"

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>

#include "config/config_texts.h"
#include "config/toml_text.h"

namespace wscast::program {
namespace {

constexpr std::size_t kColumns = 100;
constexpr const char* kHidden = "********";

/// `text` in lines of kColumns that begin with `# `.
std::string comment(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    std::size_t end = text.size();
    if (end > kColumns - 2) end = text.rfind(' ', kColumns - 2);
    if (end == std::string_view::npos) end = text.size();
    out += "# " + std::string(text.substr(0, end)) + "\n";
    text.remove_prefix(std::min(text.size(), end + 1));
  }
  return out;
}

/// Writes each section with its options.
std::string by_sections(const OptionTable& table,
                        const std::function<std::string(const OptionSection&)>& head,
                        const std::function<std::string(const Option&)>& line) {
  std::string out;
  for (const OptionSection& section : table.sections()) {
    out += head(section);
    for (const Option& option : table.options()) {
      if (option.section == section.name) out += line(option);
    }
  }
  return out;
}

/// The text of a cell of a Markdown table.
std::string cell(std::string text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return out;
}

std::string code(const std::string& text) {
  return text.empty() ? "" : "`" + cell(text) + "`";
}

}  // namespace

std::string initial_config(const std::string& secret) {
  const Configuration defaults;
  std::string out =
      comment(std::string(kConfigTitle) + ": " + kConfigUse +
              " Each option that begins with a # has the value that stands there. " + kConfigOrder);
  out += by_sections(
      defaults.table(),
      [](const OptionSection& section) {
        return "\n" + comment(section.title) + "[" + section.name + "]\n";
      },
      [&secret](const Option& option) {
        std::string text = "\n" + comment(option.help);
        if (option.path() == "auth.mode") return text + "mode = \"jwt\"\n";
        if (option.path() == "auth.jwt.secret")
          return text + "secret = " + toml_string(secret) + "\n";
        return text + "#" + option.name + " = " + toml_of(option.value) + "\n";
      });
  return out + "\n" + comment(kRoomsHelp) + kRoomsExample;
}

std::string shown_config(const Configuration& configuration) {
  std::string out = by_sections(
      configuration.table(),
      [](const OptionSection& section) { return "\n[" + section.name + "]\n"; },
      [&configuration](const Option& option) {
        const bool hidden = option.secret && !option.value.write().empty();
        return option.name + " = " + (hidden ? toml_string(kHidden) : toml_of(option.value)) +
               "  # " + configuration.origin(option) + "\n";
      });
  out.erase(0, 1);
  for (const RoomRule& rule : configuration.arguments().rooms) {
    out += "\n[[rooms]]  # " + rule.place + "\n" + rule.toml();
  }
  for (const ApiKey& key : configuration.arguments().api.keys) {
    std::vector<std::string> scopes;
    for (const Scope scope : key.scopes) scopes.emplace_back(to_string(scope));
    out += "\n[[api.keys]]  # " + key.place + "\nname = " + toml_string(key.name) +
           "\nkey = " + toml_string(kHidden) + "\nscopes = " + toml_list(scopes) + "\n";
  }
  return out;
}

std::string config_reference() {
  const Configuration defaults;
  return by_sections(
      defaults.table(),
      [](const OptionSection& section) {
        return "\n## [" + section.name + "]\n\n" + section.title +
               ".\n\n| option | type | default | flag | variable | SIGHUP |\n"
               "|---|---|---|---|---|---|\n";
      },
      [](const Option& option) {
        std::string flags = code(option.flag);
        if (!option.off_flag.empty()) flags += ", " + code(option.off_flag);
        return "| " + code(option.name) + ": " + cell(option.help) + " | " +
               cell(option.value.type) + " | " + code(toml_of(option.value)) + " | " + flags +
               " | " + code(option.variable) + " | " + (option.reloadable ? "yes" : "") + " |\n";
      });
}

}  // namespace wscast::program
