#include "ws/extension_list.h"

#include <string>

#include "http/text.h"

namespace wscast::ws {
namespace {

using http::is_token;
using http::trimmed;

/// Parses the grammar of RFC 6455 section 9.1 from left to right; blanks may separate any parts.
class ExtensionCursor {
 public:
  explicit ExtensionCursor(std::string_view text) : rest_(trimmed(text)) {}

  bool at_end() const { return rest_.empty(); }

  bool consume(char wanted) {
    if (rest_.empty() || rest_.front() != wanted) return false;
    rest_ = trimmed(rest_.substr(1));
    return true;
  }

  bool consume_token() {
    const std::size_t size = rest_.find_first_of(" \t,;=\"");
    const std::string_view token = rest_.substr(0, size);
    rest_ = trimmed(rest_.substr(token.size()));
    return is_token(token);
  }

  /// Consumes a quoted string; its content, unescaped, must be a token.
  bool consume_quoted_token() {
    std::string content;
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      content += rest_[i];
    }
    if (i >= rest_.size()) return false;
    rest_ = trimmed(rest_.substr(i + 1));
    return is_token(content);
  }

  bool consume_value() { return rest_.starts_with('"') ? consume_quoted_token() : consume_token(); }

  bool consume_extension() {
    if (!consume_token()) return false;
    while (consume(';')) {
      if (!consume_token()) return false;
      if (consume('=') && !consume_value()) return false;
    }
    return true;
  }

 private:
  std::string_view rest_;
};

}  // namespace

bool is_extension_list(std::string_view text) {
  ExtensionCursor cursor(text);
  bool any = false;
  while (!cursor.at_end()) {
    // RFC 7230 section 7: empty elements of a list are skipped.
    if (cursor.consume(',')) continue;
    if (!cursor.consume_extension()) return false;
    any = true;
    if (!cursor.at_end() && !cursor.consume(',')) return false;
  }
  return any;
}

}  // namespace wscast::ws
