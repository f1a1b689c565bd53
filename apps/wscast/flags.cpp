#include "flags.h"

#include <algorithm>

#include <CLI/CLI.hpp>

#include "quantity.h"

namespace wscast::program {
namespace {

[[noreturn]] void refuse(const std::string& name, const std::string& text, const std::string& why) {
  throw CLI::ValidationError(name, "\"" + text + "\" " + why);
}

void check(const std::string& name, const std::string& text, std::uint64_t value,
           const Range& range) {
  if (value < range.least) {
    refuse(name, text, "is too small: at least " + std::to_string(range.least));
  }
  if (value > range.most) {
    refuse(name, text, "is too large: at most " + std::to_string(range.most));
  }
}

std::chrono::milliseconds read_duration(const std::string& name, const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) refuse(name, text, "is not a duration, such as 500ms, 5s or 2m");
  return *duration;
}

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

}  // namespace

void Flags::duration(const std::string& name, std::chrono::milliseconds& into,
                     const std::string& help, const Range& range) {
  const auto read = [&into, name, range](const std::string& text) {
    const auto duration = read_duration(name, text);
    if (range.least > 0 && duration.count() == 0)
      refuse(name, text, "is too short: it must be over 0");
    into = duration;
  };
  add(name, read, help)->type_name("DURATION")->default_str(duration_text(into));
}

void Flags::duration_or_forever(const std::string& name, std::chrono::milliseconds& into,
                                const std::string& help) {
  const auto read = [&into, name](const std::string& text) {
    into = text == "forever" ? std::chrono::milliseconds::max() : read_duration(name, text);
  };
  add(name, read, help)->type_name("DURATION|forever")->default_str(duration_text(into));
}

void Flags::add_size(const std::string& name, std::uint64_t now,
                     const std::function<void(std::uint64_t)>& set, const std::string& help,
                     const Range& range) {
  const auto read = [set, name, range](const std::string& text) {
    const auto size = parse_size(text);
    if (!size) refuse(name, text, "is not a size, such as 65536 or 64KiB");
    check(name, text, *size, range);
    set(*size);
  };
  add(name, read, help)->type_name("SIZE")->default_str(size_text(now));
}

void Flags::count(const std::string& name, std::size_t& into, const std::string& help,
                  const Range& range) {
  const auto read = [&into, name, range](const std::string& text) {
    const auto count = parse_count(text);
    if (!count) refuse(name, text, "is not a number, such as 100");
    check(name, text, *count, range);
    into = *count;
  };
  add(name, read, help)->type_name("N")->default_str(std::to_string(into));
}

void Flags::text(const std::string& name, std::string& into, const std::string& type,
                 const std::string& help) {
  app_.add_option(name, into, help)->type_name(type)->capture_default_str()->group(group_);
}

void Flags::choice(const std::string& name, std::string& into,
                   const std::vector<std::string>& choices, const std::string& help) {
  const std::string words = joined(choices);
  const auto read = [&into, name, choices, words](const std::string& text) {
    if (std::ranges::find(choices, text) == choices.end()) {
      refuse(name, text, "is not one of " + words);
    }
    into = text;
  };
  add(name, read, help)->type_name(words)->default_str(into);
}

void Flags::list(const std::string& name, std::vector<std::string>& into, const std::string& help,
                 Empty empty) {
  const auto read = [&into, empty](const std::vector<std::string>& texts) {
    into = texts;
    if (empty == Empty::skipped) std::erase(into, "");
    return true;
  };
  app_.add_option(name, CLI::callback_t(read), help)
      ->type_size(1)
      ->expected(1, CLI::detail::expected_max_vector_size)
      ->allow_extra_args(false)
      ->delimiter(',')
      ->type_name("A,B,...")
      ->default_str(joined(into))
      ->group(group_);
}

void Flags::mode(const std::string& name, std::optional<unsigned>& into, const std::string& help) {
  const auto read = [&into, name](const std::string& text) {
    into = parse_mode(text);
    if (!into) refuse(name, text, "is not a mode in octal, such as 0660");
  };
  add(name, read, help)->type_name("MODE");
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

void Flags::on_and_off(const std::string& name, const std::string& opposite, bool& into,
                       const std::string& help) {
  CLI::Option* const yes = on(name, into, help);
  off(opposite, into, "The opposite of " + name)->excludes(yes);
}

CLI::Option* Flags::add(const std::string& name,
                        const std::function<void(const std::string&)>& read,
                        const std::string& help) {
  return app_.add_option_function<std::string>(name, read, help)->group(group_);
}

}  // namespace wscast::program
