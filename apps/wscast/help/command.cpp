#include "help/command.h"

#include <algorithm>
#include <cctype>

#include <CLI/CLI.hpp>

#include "config/assignments.h"
#include "help/examples.h"

namespace wscast::program {
namespace {

CommandOption describe_option(const CLI::Option& option) {
  CommandOption out{.help = option.get_description(),
                    .default_text = option.get_default_str(),
                    .variable = option.get_envname(),
                    .group = option.get_positional() ? "Positionals" : option.get_group(),
                    .required = option.get_required(),
                    .repeatable = option.get_expected_max() > 1};
  for (const auto& name : option.get_snames()) out.flags.push_back("-" + name);
  for (const auto& name : option.get_lnames()) out.flags.push_back("--" + name);
  if (option.get_items_expected_max() != 0) out.type = option.get_type_name();
  return out;
}

/// `above`: the path of the command that it belongs to, and a space; or empty.
Command describe_below(const CLI::App& app, const std::string& above) {
  Command out{.path = above + app.get_name(),
              .help = app.get_description(),
              .note = app.get_footer(),
              .takes_flags_of_parent = app.get_fallthrough()};
  if (const auto at = out.note.rfind(kExampleTitle); at != std::string::npos) {
    out.example = out.note.substr(at + kExampleTitle.size());
    out.note.resize(at == 0 ? 0 : at - 1);
  }
  const std::string title = app.get_name() + ": ";
  if (out.help.starts_with(title)) out.help.erase(0, title.size());
  for (const CLI::Option* option : app.get_options()) {
    if (!option->get_group().empty()) out.options.push_back(describe_option(*option));
  }
  std::stable_partition(out.options.begin(), out.options.end(),
                        [](const CommandOption& option) { return option.is_positional(); });
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    out.commands.push_back(describe_below(*command, out.path + " "));
  }
  return out;
}

}  // namespace

Command describe(const CLI::App& app) {
  return describe_below(app, "");
}

std::vector<std::string> choices_of(const std::string& type) {
  const auto is_capital = [](unsigned char c) { return std::isupper(c) != 0; };
  if (type.empty() || std::ranges::any_of(type, is_capital)) return {};
  return parted(type);
}

bool is_file(const std::string& type) {
  return type == "FILE";
}

}  // namespace wscast::program
