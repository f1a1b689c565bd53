#include "config/toml_text.h"

#include <string_view>

namespace wscast::program {

std::string toml_string(const std::string& text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7f) {
      out += std::string("\\u00") + digits[byte >> 4] + digits[byte & 15];
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  return out + "\"";
}

std::string toml_list(const std::vector<std::string>& texts) {
  std::string out;
  for (const auto& text : texts) out += (out.empty() ? "" : ", ") + toml_string(text);
  return "[" + out + "]";
}

std::string toml_of(const Value& value) {
  const std::vector<std::string> texts = value.write();
  if (value.kind == Value::Kind::list) return toml_list(texts);
  if (texts.empty()) return toml_string("");
  const bool bare = value.kind == Value::Kind::number || value.kind == Value::Kind::boolean;
  return bare ? texts.front() : toml_string(texts.front());
}

}  // namespace wscast::program
