#include "config/value.h"

#include <algorithm>
#include <stdexcept>
#include <string_view>
#include <utility>

#include "quantity.h"

namespace wscast::program {
namespace {

using Texts = std::vector<std::string>;

[[noreturn]] void refuse(const std::string& text, const std::string& why) {
  throw std::invalid_argument("\"" + text + "\" " + why);
}

std::uint64_t checked(const std::string& text, std::uint64_t value, const Range& range) {
  if (value < range.least) refuse(text, "is too small: at least " + std::to_string(range.least));
  if (value > range.most) refuse(text, "is too large: at most " + std::to_string(range.most));
  return value;
}

std::chrono::milliseconds read_duration(const std::string& text) {
  const auto duration = parse_duration(text);
  if (!duration) refuse(text, "is not a duration, such as 500ms, 5s or 2m");
  return *duration;
}

bool read_boolean(const std::string& text) {
  if (text != "true" && text != "false") refuse(text, "is neither true nor false");
  return text == "true";
}

/// A value of one text.
Value single(Value::Kind kind, std::string type, std::function<void(const std::string&)> read,
             std::function<Texts()> write) {
  const auto read_one = [read = std::move(read)](const Texts& texts) {
    if (texts.size() != 1) throw std::invalid_argument("takes one value, not a list");
    read(texts.front());
  };
  return {.kind = kind, .type = std::move(type), .read = read_one, .write = std::move(write)};
}

}  // namespace

std::string joined(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ",") + text;
  return out;
}

Value text_value(std::string& into, const std::string& type) {
  return single(
      Value::Kind::text, type, [&into](const std::string& text) { into = text; },
      [&into] { return into.empty() ? Texts{} : Texts{into}; });
}

Value choice_value(std::string& into, const std::vector<std::string>& choices) {
  const auto read = [&into, choices](const std::string& text) {
    if (std::ranges::find(choices, text) == choices.end()) {
      refuse(text, "is not one of " + joined(choices));
    }
    into = text;
  };
  return single(Value::Kind::text, joined(choices), read,
                [&into] { return into.empty() ? Texts{} : Texts{into}; });
}

Value count_value(std::size_t& into, const Range& range) {
  const auto read = [&into, range](const std::string& text) {
    const auto count = parse_count(text);
    if (!count) refuse(text, "is not a number, such as 100");
    into = checked(text, *count, range);
  };
  return single(Value::Kind::number, "N", read, [&into] { return Texts{std::to_string(into)}; });
}

Value duration_value(std::chrono::milliseconds& into, const Range& range) {
  const auto read = [&into, range](const std::string& text) {
    const auto duration = read_duration(text);
    if (range.least > 0 && duration.count() == 0) refuse(text, "is too short: it must be over 0");
    into = duration;
  };
  return single(Value::Kind::text, "DURATION", read,
                [&into] { return Texts{duration_text(into)}; });
}

Value seconds_value(std::chrono::seconds& into) {
  const auto read = [&into](const std::string& text) {
    const auto duration = read_duration(text);
    if (duration % std::chrono::seconds(1) != duration.zero()) refuse(text, "is no whole second");
    into = std::chrono::duration_cast<std::chrono::seconds>(duration);
  };
  return single(Value::Kind::text, "DURATION", read,
                [&into] { return Texts{duration_text(into)}; });
}

Value duration_or_forever_value(std::chrono::milliseconds& into) {
  const auto read = [&into](const std::string& text) {
    into = text == "forever" ? std::chrono::milliseconds::max() : read_duration(text);
  };
  const auto write = [&into] {
    const bool forever = into == std::chrono::milliseconds::max();
    return Texts{forever ? "forever" : duration_text(into)};
  };
  return single(Value::Kind::text, "DURATION|forever", read, write);
}

Value bytes_value(std::function<std::uint64_t()> get, std::function<void(std::uint64_t)> set,
                  const Range& range) {
  const auto read = [set = std::move(set), range](const std::string& text) {
    const auto size = parse_size(text);
    if (!size) refuse(text, "is not a size, such as 65536 or 64KiB");
    set(checked(text, *size, range));
  };
  const auto write = [get = std::move(get)] { return Texts{size_text(get())}; };
  return single(Value::Kind::text, "SIZE", read, write);
}

Value mode_value(std::optional<unsigned>& into) {
  const auto read = [&into](const std::string& text) {
    const auto mode = parse_mode(text);
    if (!mode) refuse(text, "is not a mode in octal, such as 0660");
    into = mode;
  };
  const auto write = [&into] {
    if (!into) return Texts{};
    constexpr unsigned bits = 3;
    constexpr unsigned mask = 7;
    std::string octal;
    for (unsigned shift = 3 * bits; shift > 0;) {
      shift -= bits;
      octal += static_cast<char>('0' + (*into >> shift & mask));
    }
    return Texts{"0" + octal};
  };
  return single(Value::Kind::text, "MODE", read, write);
}

Value boolean_value(bool& into) {
  return single(
      Value::Kind::boolean, "BOOLEAN",
      [&into](const std::string& text) { into = read_boolean(text); },
      [&into] { return Texts{into ? "true" : "false"}; });
}

Value inverted_value(bool& into) {
  return single(
      Value::Kind::boolean, "BOOLEAN",
      [&into](const std::string& text) { into = !read_boolean(text); },
      [&into] { return Texts{into ? "false" : "true"}; });
}

Value list_value(std::vector<std::string>& into, const std::string& type, EmptyText empty) {
  const auto read = [&into, empty](const Texts& texts) {
    into = texts;
    if (empty == EmptyText::skipped) std::erase(into, "");
  };
  return {.kind = Value::Kind::list, .type = type, .read = read, .write = [&into] { return into; }};
}

}  // namespace wscast::program
