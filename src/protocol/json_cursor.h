#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace wscast::protocol {

/// Steps over the tokens and values of a JSON text (RFC 8259, as `JSON.parse` reads it), validating
/// each and storing none. White space before a token is skipped. After a failed step the position
/// is undefined. The text must be UTF-8 and outlive the cursor.
class JsonCursor {
 public:
  explicit JsonCursor(std::string_view text) : at_(text.data()), end_(at_ + text.size()) {}

  /// Whether nothing but white space is left.
  bool at_end();

  /// Steps over `token`, one of `{}[],:`, if it is next.
  bool take(char token);

  /// Steps over a string. Returns its text, quotes included.
  std::optional<std::string_view> string();

  /// Steps over any value nested at most `max_depth` deep. Returns its text.
  std::optional<std::string_view> value(std::size_t max_depth);

 private:
  void skip_space();
  bool skip_digits();
  bool skip_number();
  bool skip_literal(std::string_view literal);
  bool skip_escape();
  bool skip_string();
  bool skip_array(std::size_t max_depth);
  bool skip_object(std::size_t max_depth);
  bool skip_value(std::size_t max_depth);

  const char* at_;
  const char* end_;
};

}  // namespace wscast::protocol
