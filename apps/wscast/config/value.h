#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <limits>
#include <optional>
#include <string>
#include <vector>

namespace wscast::program {

/// The numbers that a value may be.
struct Range {
  std::uint64_t least = 0;
  std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
};

inline constexpr Range kPositive{.least = 1};

/// The value of an option, which stands in a variable: reads it from text and writes it as text,
/// wherever the text comes from. The variable must outlive it.
struct Value {
  /// How it stands in a configuration file.
  enum class Kind : std::uint8_t { text, number, boolean, list };

  Kind kind = Kind::text;
  std::string type;  ///< Such as `DURATION`, or the choices.

  /// Reads one text, or all of a list. Throws std::invalid_argument with what is wrong, such as
  /// `"x" is not a number, such as 100`.
  std::function<void(const std::vector<std::string>&)> read;

  /// One text, or all of a list; none when there is no value.
  std::function<std::vector<std::string>()> write;
};

/// What happens to an empty text in a list. Skipping allows an empty list.
enum class EmptyText : std::uint8_t { skipped, kept };

Value text_value(std::string& into, const std::string& type);
Value choice_value(std::string& into, const std::vector<std::string>& choices);
Value count_value(std::size_t& into, const Range& range = {});
Value duration_value(std::chrono::milliseconds& into, const Range& range = {});

Value seconds_value(std::chrono::seconds& into);

/// Also reads `forever`, which is milliseconds::max().
Value duration_or_forever_value(std::chrono::milliseconds& into);

/// Permission bits of a file in octal, such as 0660; empty: none.
Value mode_value(std::optional<unsigned>& into);

/// `true` or `false`.
Value boolean_value(bool& into);

/// The opposite of what stands in the variable.
Value inverted_value(bool& into);

Value list_value(std::vector<std::string>& into, const std::string& type,
                 EmptyText empty = EmptyText::skipped);

/// A value of any number of bytes; size_value() is for its types.
Value bytes_value(std::function<std::uint64_t()> get, std::function<void(std::uint64_t)> set,
                  const Range& range);

template <class Number>
Value size_value(Number& into, const Range& range = {}) {
  return bytes_value([&into] { return static_cast<std::uint64_t>(into); },
                     [&into](std::uint64_t bytes) { into = static_cast<Number>(bytes); }, range);
}

/// The texts of a list in one, separated by commas.
std::string joined(const std::vector<std::string>& texts);

}  // namespace wscast::program
