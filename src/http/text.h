#pragma once

#include <string_view>

namespace wscast::http {

/// Case-insensitive for ASCII, as header names and many of their values are (RFC 7230 section 3.2).
bool equal_ignoring_case(std::string_view left, std::string_view right);

/// Whether `text` is a token (RFC 7230 section 3.2.6).
bool is_token(std::string_view text);

/// `text` without the blanks (SP, HTAB) at its ends.
std::string_view trimmed(std::string_view text);

/// Reads a comma-separated `list` without quoted strings, element by element, trimmed. next()
/// returns false at the end. An empty list has one empty element.
class ListReader {
 public:
  explicit ListReader(std::string_view list) : rest_(list) {}

  bool next(std::string_view& element);

 private:
  std::string_view rest_;
  bool done_ = false;
};

}  // namespace wscast::http
