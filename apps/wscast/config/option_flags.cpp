#include "config/option_flags.h"

#include <cstdint>

#include <CLI/CLI.hpp>

namespace wscast::program {
namespace {

/// The flags of one section.
class Group {
 public:
  Group(CLI::App& app, const std::string& title, Assignments& into)
      : app_(app), title_(title), into_(into) {}

  void add(const Option& option) {
    if (option.value.kind != Value::Kind::boolean) return add_value(option);
    auto* on = add_switch(option, option.flag, true);
    if (option.off_flag.empty()) return;
    add_switch(option, option.off_flag, false)->excludes(on);
  }

 private:
  void add_value(const Option& option) {
    const auto read = [&into = into_, &option](const std::vector<std::string>& texts) {
      into[option.path()] = {.texts = texts, .origin = option.flag};
      return true;
    };
    auto* flag = app_.add_option(option.flag, CLI::callback_t(read), option.help)
                     ->type_name(option.value.type)
                     ->group(title_);
    if (!option.secret) flag->default_str(joined(option.value.write()));
    if (option.value.kind != Value::Kind::list) return;
    flag->type_size(1)->expected(1, CLI::detail::expected_max_vector_size)->allow_extra_args(false);
    if (option.separated) flag->delimiter(',');
  }

  /// `--flag` sets `on`; `--flag=false` the opposite, but for an off-flag.
  CLI::Option* add_switch(const Option& option, const std::string& name, bool on) {
    const auto read = [&into = into_, &option, name, on](std::int64_t given) {
      into[option.path()] = {.texts = {(given > 0) == on ? "true" : "false"}, .origin = name};
    };
    const auto check = [](const std::string& text) {
      return text == "true" || text == "false" ? "" : "\"" + text + "\" is neither true nor false";
    };
    const std::string help = on ? option.help : "The opposite of " + option.flag;
    auto* flag = app_.add_flag_function(name, read, help)->group(title_);
    return on ? flag->check(check) : flag->disable_flag_override();
  }

  CLI::App& app_;
  std::string title_;
  Assignments& into_;
};

}  // namespace

void add_flags(CLI::App& app, const OptionTable& table, Assignments& into) {
  for (const OptionSection& section : table.sections()) {
    Group group(app, section.title, into);
    for (const Option& option : table.options()) {
      if (option.section == section.name && !option.flag.empty()) group.add(option);
    }
  }
}

}  // namespace wscast::program
