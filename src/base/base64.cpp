#include "base/base64.h"

#include <array>

#include <openssl/evp.h>

#include "base/digit_values.h"

namespace wscast {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr auto kDigits = digit_values(kAlphabet);

std::uint32_t digit(char character) {
  return kDigits[static_cast<std::uint8_t>(character)];
}

}  // namespace

std::string base64_encode(std::span<const std::uint8_t> bytes) {
  std::string out(base64_size(bytes.size()) + 1, '\0');
  out.resize(static_cast<std::size_t>(base64_write(out.data(), bytes) - out.data()));
  return out;
}

char* base64_write(char* out, std::span<const std::uint8_t> bytes) {
  return out + EVP_EncodeBlock(reinterpret_cast<std::uint8_t*>(out), bytes.data(),
                               static_cast<int>(bytes.size()));
}

/// Not EVP_DecodeBlock, which trims input that must be rejected.
std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() % 4 != 0) return std::nullopt;
  if (text.empty()) return 0;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  const std::size_t size = text.size() / 4 * 3 - padding;
  if (size > out.size()) return std::nullopt;
  std::uint32_t seen = 0;
  std::size_t written = 0;
  for (std::size_t at = 0; at < text.size(); at += 4) {
    const bool last = at + 4 == text.size();
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      const bool padded = last && i >= 4 - padding;
      const std::uint32_t value = padded ? 0 : digit(text[at + i]);
      seen |= value;
      bits = bits << 6 | (value & 0x3f);
    }
    // RFC 4648 section 3.5: the bits that encode no byte are zero.
    if (last && padding > 0 && (bits & ((1U << (8 * padding)) - 1)) != 0) return std::nullopt;
    for (int shift = 16; shift >= 0 && written < size; shift -= 8) {
      out[written++] = static_cast<std::uint8_t>(bits >> shift);
    }
  }
  if ((seen & kNoDigit) != 0) return std::nullopt;
  return size;
}

}  // namespace wscast
