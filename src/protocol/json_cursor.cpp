#include "protocol/json_cursor.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wscast::protocol {
namespace {

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_hex_digit(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

bool is_plain(char c) {
  return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\';
}

/// Eight and sixteen characters at once; vectors of GCC and Clang.
using ShortBlock __attribute__((vector_size(8))) = unsigned char;
using Block __attribute__((vector_size(16))) = unsigned char;

/// Skips plain characters a block at a time. Returns whether it stands at one that is not plain.
template <class Block>
bool skip_plain_blocks(const char*& at, const char* end) {
  for (; static_cast<std::size_t>(end - at) >= sizeof(Block); at += sizeof(Block)) {
    Block block;
    std::memcpy(&block, at, sizeof block);
    const auto special = (block < 0x20) | (block == '"') | (block == '\\');
    const auto words = std::bit_cast<std::array<std::uint64_t, sizeof(Block) / 8>>(special);
    for (std::size_t i = 0; i < words.size(); ++i) {
      if (words[i] == 0) continue;
      const bool little = std::endian::native == std::endian::little;
      const int zeros = little ? std::countr_zero(words[i]) : std::countl_zero(words[i]);
      at += 8 * i + static_cast<std::size_t>(zeros) / 8;
      return true;
    }
  }
  return false;
}

/// Plain characters are what most of a message is made of.
const char* skip_plain(const char* at, const char* end) {
  if (skip_plain_blocks<Block>(at, end) || skip_plain_blocks<ShortBlock>(at, end)) return at;
  while (at != end && is_plain(*at)) ++at;
  return at;
}

}  // namespace

std::optional<std::string_view> JsonCursor::string() {
  skip_space();
  const char* begin = at_;
  if (!skip_string()) return std::nullopt;
  return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
}

std::optional<std::string_view> JsonCursor::value(std::size_t max_depth) {
  skip_space();
  const char* begin = at_;
  if (!skip_value(max_depth)) return std::nullopt;
  return std::string_view(begin, static_cast<std::size_t>(at_ - begin));
}

bool JsonCursor::skip_digits() {
  if (at_ == end_ || !is_digit(*at_)) return false;
  while (at_ != end_ && is_digit(*at_)) ++at_;
  return true;
}

/// RFC 8259 section 6. A digit after a leading zero fails in the next step.
bool JsonCursor::skip_number() {
  if (at_ != end_ && *at_ == '-') ++at_;
  if (at_ != end_ && *at_ == '0') {
    ++at_;
  } else if (!skip_digits()) {
    return false;
  }
  if (at_ != end_ && *at_ == '.') {
    ++at_;
    if (!skip_digits()) return false;
  }
  if (at_ == end_ || (*at_ != 'e' && *at_ != 'E')) return true;
  ++at_;
  if (at_ != end_ && (*at_ == '+' || *at_ == '-')) ++at_;
  return skip_digits();
}

bool JsonCursor::skip_literal(std::string_view literal) {
  const auto left = static_cast<std::size_t>(end_ - at_);
  if (!std::string_view(at_, left).starts_with(literal)) return false;
  at_ += literal.size();
  return true;
}

/// RFC 8259 section 7. A surrogate needs no partner: `JSON.parse` accepts a lone one.
bool JsonCursor::skip_escape() {
  constexpr std::string_view short_escapes = "\"\\/bfnrt";
  ++at_;
  if (at_ == end_) return false;
  const char kind = *at_++;
  if (kind != 'u') return short_escapes.find(kind) != std::string_view::npos;
  if (end_ - at_ < 4) return false;
  for (const char* stop = at_ + 4; at_ != stop; ++at_) {
    if (!is_hex_digit(*at_)) return false;
  }
  return true;
}

bool JsonCursor::skip_string() {
  if (at_ == end_ || *at_ != '"') return false;
  ++at_;
  for (;;) {
    at_ = skip_plain(at_, end_);
    if (at_ == end_) return false;
    if (*at_ == '"') break;
    if (*at_ != '\\' || !skip_escape()) return false;
  }
  ++at_;
  return true;
}

bool JsonCursor::skip_array(std::size_t max_depth) {
  ++at_;
  if (take(']')) return true;
  do {
    skip_space();
    if (!skip_value(max_depth)) return false;
  } while (take(','));
  return take(']');
}

bool JsonCursor::skip_object(std::size_t max_depth) {
  ++at_;
  if (take('}')) return true;
  do {
    skip_space();
    if (!skip_string() || !take(':')) return false;
    skip_space();
    if (!skip_value(max_depth)) return false;
  } while (take(','));
  return take('}');
}

/// Recursive, at most `max_depth` deep.
bool JsonCursor::skip_value(std::size_t max_depth) {
  if (at_ == end_) return false;
  switch (*at_) {
    case '{':
      return max_depth > 0 && skip_object(max_depth - 1);
    case '[':
      return max_depth > 0 && skip_array(max_depth - 1);
    case '"':
      return skip_string();
    case 't':
      return skip_literal("true");
    case 'f':
      return skip_literal("false");
    case 'n':
      return skip_literal("null");
    default:
      return skip_number();
  }
}

}  // namespace wscast::protocol
