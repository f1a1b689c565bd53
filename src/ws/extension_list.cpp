#include "ws/extension_list.h"

#include <utility>

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

  bool consume_token(std::string_view& token) {
    token = rest_.substr(0, rest_.find_first_of(" \t,;=\""));
    rest_ = trimmed(rest_.substr(token.size()));
    return is_token(token);
  }

  /// Consumes a token or a quoted string, whose content must be a token, too.
  bool consume_value(std::optional<std::string>& value) {
    if (rest_.starts_with('"')) return consume_quoted_token(value.emplace());
    std::string_view token;
    if (!consume_token(token)) return false;
    value = token;
    return true;
  }

  bool consume_extension(Extension& extension) {
    if (!consume_token(extension.name)) return false;
    while (consume(';')) {
      ExtensionParameter& parameter = extension.parameters.emplace_back();
      if (!consume_token(parameter.name)) return false;
      if (consume('=') && !consume_value(parameter.value)) return false;
    }
    return true;
  }

 private:
  bool consume_quoted_token(std::string& content) {
    std::size_t i = 1;
    for (; i < rest_.size() && rest_[i] != '"'; ++i) {
      if (rest_[i] == '\\' && ++i == rest_.size()) return false;
      content += rest_[i];
    }
    if (i >= rest_.size()) return false;
    rest_ = trimmed(rest_.substr(i + 1));
    return is_token(content);
  }

  std::string_view rest_;
};

}  // namespace

std::optional<std::vector<Extension>> parse_extension_list(std::string_view text) {
  ExtensionCursor cursor(text);
  std::vector<Extension> extensions;
  while (!cursor.at_end()) {
    // RFC 7230 section 7: empty elements of a list are skipped.
    if (cursor.consume(',')) continue;
    if (!cursor.consume_extension(extensions.emplace_back())) return std::nullopt;
    if (!cursor.at_end() && !cursor.consume(',')) return std::nullopt;
  }
  if (extensions.empty()) return std::nullopt;
  return extensions;
}

bool is_extension_list(std::string_view text) {
  return parse_extension_list(text).has_value();
}

}  // namespace wscast::ws
