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

  /// Steps over `"name":` if exactly this is next, without white space or escapes. Else nothing has
  /// changed, though a member of that name may be next.
  bool take_name(std::string_view name);

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

inline void JsonCursor::skip_space() {
  // Most tokens follow each other without any: one comparison says so.
  while (at_ != end_ && *at_ <= ' ' &&
         (*at_ == ' ' || *at_ == '\n' || *at_ == '\r' || *at_ == '\t')) {
    ++at_;
  }
}

inline bool JsonCursor::at_end() {
  skip_space();
  return at_ == end_;
}

inline bool JsonCursor::take_name(std::string_view name) {
  const std::string_view rest(at_, static_cast<std::size_t>(end_ - at_));
  const std::size_t colon = name.size() + 2;
  if (rest.size() <= colon || rest.front() != '"' || rest[colon - 1] != '"' || rest[colon] != ':' ||
      rest.substr(1, name.size()) != name) {
    return false;
  }
  at_ += colon + 1;
  return true;
}

inline bool JsonCursor::take(char token) {
  skip_space();
  if (at_ == end_ || *at_ != token) return false;
  ++at_;
  return true;
}

}  // namespace wscast::protocol
