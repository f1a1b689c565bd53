#include "protocol/json_string.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace wscast::protocol {
namespace {

constexpr std::string_view kEscapeLetters = "\"\\/bfnrt";
constexpr std::string_view kEscapedCharacters = "\"\\/\b\f\n\r\t";
constexpr std::string_view kHexDigits = "0123456789abcdef";

char32_t hex_digit(char c) {
  if (c <= '9') return static_cast<char32_t>(c - '0');
  return static_cast<char32_t>((c | 0x20) - 'a' + 10);
}

bool is_high_surrogate(char32_t unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

bool is_low_surrogate(char32_t unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

/// Reads the characters of a scanned string in pieces, as UTF-8.
class StringReader {
 public:
  explicit StringReader(std::string_view quoted) : rest_(quoted.substr(1, quoted.size() - 2)) {}

  bool at_end() const { return rest_.empty(); }

  /// The next piece, valid until the next call; empty for a lone surrogate.
  std::string_view next() {
    if (rest_.front() != '\\') return advance(std::min(rest_.find('\\'), rest_.size()));
    if (rest_[1] == 'u') return encode(code_point());
    piece_[0] = kEscapedCharacters[kEscapeLetters.find(rest_[1])];
    advance(2);
    return {piece_.data(), 1};
  }

 private:
  std::string_view advance(std::size_t count) {
    const auto piece = rest_.substr(0, count);
    rest_.remove_prefix(count);
    return piece;
  }

  /// Reads one \uXXXX.
  char32_t code_unit() {
    char32_t unit = 0;
    for (const char c : advance(6).substr(2)) unit = unit << 4 | hex_digit(c);
    return unit;
  }

  /// Reads one \uXXXX, or the two of a surrogate pair. Returns a lone surrogate as it is.
  char32_t code_point() {
    const char32_t unit = code_unit();
    if (!is_high_surrogate(unit) || !rest_.starts_with("\\u")) return unit;
    const char32_t low = code_unit();
    if (!is_low_surrogate(low)) return unit;
    return 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
  }

  std::string_view encode(char32_t point) {
    if (is_high_surrogate(point) || is_low_surrogate(point)) return {};
    const auto tail = [point](int shift) {
      return static_cast<char>(0x80 | (point >> shift & 63));
    };
    if (point < 0x80) {
      piece_ = {static_cast<char>(point)};
      return {piece_.data(), 1};
    }
    if (point < 0x800) {
      piece_ = {static_cast<char>(0xc0 | point >> 6), tail(0)};
      return {piece_.data(), 2};
    }
    if (point < 0x10000) {
      piece_ = {static_cast<char>(0xe0 | point >> 12), tail(6), tail(0)};
      return {piece_.data(), 3};
    }
    piece_ = {static_cast<char>(0xf0 | point >> 18), tail(12), tail(6), tail(0)};
    return {piece_.data(), 4};
  }

  std::string_view rest_;
  std::array<char, 4> piece_{};
};

bool has_escape(std::string_view text) {
  return text.find('\\') != std::string_view::npos;
}

/// The letter of the two-character escape that JSON.stringify writes for `c`; 0 when there is none.
constexpr char short_escape(char c) {
  if (c == '/') return 0;
  const std::size_t at = kEscapedCharacters.find(c);
  return at == std::string_view::npos ? '\0' : kEscapeLetters[at];
}

constexpr std::size_t escaped_size(char c) {
  if (short_escape(c) != 0) return 2;
  return static_cast<unsigned char>(c) < 0x20 ? 6 : 1;
}

constexpr auto kEscapedSizes = [] {
  std::array<std::uint8_t, 256> sizes{};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    sizes[i] = static_cast<std::uint8_t>(escaped_size(static_cast<char>(i)));
  }
  return sizes;
}();

char* write_escaped(char* out, char c) {
  *out++ = '\\';
  if (const char letter = short_escape(c); letter != 0) {
    *out++ = letter;
    return out;
  }
  const auto code = static_cast<unsigned char>(c);
  return std::ranges::copy(std::array{'u', '0', '0', kHexDigits[code >> 4], kHexDigits[code & 15]},
                           out)
      .out;
}

}  // namespace

std::optional<std::string> decode_json_string(std::string_view quoted) {
  const auto plain = quoted.substr(1, quoted.size() - 2);
  if (!has_escape(plain)) return std::string(plain);
  std::string decoded;
  for (StringReader reader(quoted); !reader.at_end();) {
    const auto piece = reader.next();
    if (piece.empty()) return std::nullopt;
    decoded += piece;
  }
  return decoded;
}

bool json_string_equals(std::string_view quoted, std::string_view utf8) {
  // Escapes only lengthen a string.
  const auto plain = quoted.substr(1, quoted.size() - 2);
  if (plain.size() < utf8.size()) return false;
  if (plain.size() == utf8.size()) return plain == utf8 && !has_escape(plain);
  for (StringReader reader(quoted); !reader.at_end();) {
    const auto piece = reader.next();
    if (piece.empty() || !utf8.starts_with(piece)) return false;
    utf8.remove_prefix(piece.size());
  }
  return utf8.empty();
}

std::size_t utf16_length(std::string_view utf8) {
  std::size_t units = 0;
  for (const char c : utf8) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xc0) != 0x80) ++units;
    if (byte >= 0xf0) ++units;  // over U+FFFF: two surrogates
  }
  return units;
}

std::size_t quoted_size(std::string_view utf8) {
  std::size_t size = 2;
  for (const char c : utf8) size += kEscapedSizes[static_cast<unsigned char>(c)];
  return size;
}

char* write_quoted(char* out, std::string_view utf8) {
  *out++ = '"';
  for (const char c : utf8) {
    if (kEscapedSizes[static_cast<unsigned char>(c)] == 1) {
      *out++ = c;
    } else {
      out = write_escaped(out, c);
    }
  }
  *out++ = '"';
  return out;
}

void append_quoted(std::string& out, std::string_view utf8) {
  const std::size_t size = out.size();
  out.resize(size + quoted_size(utf8));
  write_quoted(out.data() + size, utf8);
}

}  // namespace wscast::protocol
