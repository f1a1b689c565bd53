#include "ws/utf8_validator.h"

#include <algorithm>
#include <cstring>
#include <simdjson.h>

namespace wscast::ws {
namespace {

bool is_tail(std::uint8_t byte) {
  return (byte & 0xc0) == 0x80;
}

/// The size of the character that `lead` begins; 0 when `lead` begins none (RFC 3629 section 4).
std::size_t character_size(std::uint8_t lead) {
  if (lead < 0x80) return 1;
  if (lead < 0xc2) return 0;
  if (lead < 0xe0) return 2;
  if (lead < 0xf0) return 3;
  return lead < 0xf5 ? 4 : 0;
}

/// Whether `byte` may follow `lead`: excludes overlong forms, surrogates and code points over
/// U+10FFFF (RFC 3629 section 4).
bool may_follow(std::uint8_t lead, std::uint8_t byte) {
  switch (lead) {
    case 0xe0:
      return byte >= 0xa0 && byte <= 0xbf;
    case 0xed:
      return byte >= 0x80 && byte <= 0x9f;
    case 0xf0:
      return byte >= 0x90 && byte <= 0xbf;
    case 0xf4:
      return byte >= 0x80 && byte <= 0x8f;
    default:
      return is_tail(byte);
  }
}

/// Whether `part` is a character or the beginning of one.
bool begins_character(std::span<const std::uint8_t> part) {
  if (part.size() > character_size(part[0])) return false;
  if (part.size() > 1 && !may_follow(part[0], part[1])) return false;
  return part.size() <= 2 || std::ranges::all_of(part.subspan(2), is_tail);
}

/// The number of bytes at the end of `text` that begin a character without completing it.
std::size_t unfinished_bytes(std::span<const std::uint8_t> text) {
  const std::size_t most = std::min<std::size_t>(3, text.size());
  for (std::size_t n = 1; n <= most; ++n) {
    const std::uint8_t byte = text[text.size() - n];
    if (is_tail(byte)) continue;
    return character_size(byte) > n ? n : 0;
  }
  return 0;
}

/// The longest text that is cheaper to look through here first than to pass to the library.
constexpr std::size_t kShort = 128;

bool is_short_ascii(std::span<const std::uint8_t> text) {
  std::uint64_t all = 0;
  std::uint64_t word = 0;
  if (text.size() > kShort) return false;
  const std::uint8_t* at = text.data();
  std::size_t left = text.size();
  for (; left >= sizeof word; at += sizeof word, left -= sizeof word) {
    std::memcpy(&word, at, sizeof word);
    all |= word;
  }
  for (; left > 0; --left) all |= *at++;
  return (all & 0x8080'8080'8080'8080) == 0;
}

}  // namespace

bool Utf8Validator::feed(std::span<const std::uint8_t> piece) {
  if (!feed_carried(piece)) return false;
  const std::size_t unfinished = unfinished_bytes(piece);
  const auto finished = piece.first(piece.size() - unfinished);
  if (!is_utf8(finished)) return false;
  if (unfinished == 0) return true;
  const auto tail = piece.last(unfinished);
  if (!begins_character(tail)) return false;
  std::ranges::copy(tail, carry_.begin());
  carried_ = static_cast<std::uint8_t>(unfinished);
  return true;
}

/// Completes the carried character from the front of `piece`.
bool Utf8Validator::feed_carried(std::span<const std::uint8_t>& piece) {
  while (carried_ > 0 && !piece.empty()) {
    carry_[carried_++] = piece.front();
    piece = piece.subspan(1);
    if (!begins_character(std::span(carry_).first(carried_))) return false;
    if (carried_ == character_size(carry_[0])) carried_ = 0;
  }
  return true;
}

bool is_utf8(std::span<const std::uint8_t> text) {
  return is_short_ascii(text) ||
         simdjson::validate_utf8(reinterpret_cast<const char*>(text.data()), text.size());
}

}  // namespace wscast::ws
