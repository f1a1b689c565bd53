#include "flags.h"

#include <stdexcept>

#include <CLI/CLI.hpp>

namespace wscast::program {
void Flags::duration(const std::string& name, std::chrono::milliseconds& into,
                     const std::string& help, const Range& range) {
  add(name, duration_value(into, range), help);
}

void Flags::duration_or_forever(const std::string& name, std::chrono::milliseconds& into,
                                const std::string& help) {
  add(name, duration_or_forever_value(into), help);
}

void Flags::count(const std::string& name, std::size_t& into, const std::string& help,
                  const Range& range) {
  add(name, count_value(into, range), help);
}

void Flags::text(const std::string& name, std::string& into, const std::string& type,
                 const std::string& help) {
  add(name, text_value(into, type), help);
}

void Flags::choice(const std::string& name, std::string& into,
                   const std::vector<std::string>& choices, const std::string& help) {
  add(name, choice_value(into, choices), help);
}

void Flags::list(const std::string& name, std::vector<std::string>& into, const std::string& help,
                 EmptyText empty) {
  add(name, list_value(into, "A,B,...", empty), help);
}

void Flags::mode(const std::string& name, std::optional<unsigned>& into, const std::string& help) {
  add(name, mode_value(into), help);
}

CLI::Option* Flags::on(const std::string& name, bool& into, const std::string& help) {
  // CLI11 would also accept `3x` as true.
  const auto check = [](const std::string& text) {
    return text == "true" || text == "false" ? "" : "\"" + text + "\" is neither true nor false";
  };
  return app_.add_flag(name, into, help)->check(check)->group(group_);
}

CLI::Option* Flags::off(const std::string& name, bool& into, const std::string& help) {
  return app_
      .add_flag_callback(
          name, [&into] { into = false; }, help)
      ->disable_flag_override()
      ->group(group_);
}

void Flags::add(const std::string& name, const Value& value, const std::string& help) {
  const auto read = [name, value](const std::vector<std::string>& texts) {
    try {
      value.read(texts);
    } catch (const std::invalid_argument& error) {
      throw CLI::ValidationError(name, error.what());
    }
    return true;
  };
  auto* option = app_.add_option(name, CLI::callback_t(read), help)
                     ->type_name(value.type)
                     ->default_str(joined(value.write()))
                     ->group(group_);
  if (value.kind != Value::Kind::list) return;
  option->type_size(1)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false)
      ->delimiter(',');
}

}  // namespace wscast::program
