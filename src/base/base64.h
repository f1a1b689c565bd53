#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wscast {

/// Characters that stand for `size` bytes.
constexpr std::size_t base64_size(std::size_t size) {
  return (size + 2) / 3 * 4;
}

/// Standard alphabet, padded (RFC 4648 section 4).
std::string base64_encode(std::span<const std::uint8_t> bytes);

/// Writes the same, and a NUL behind it that may be overwritten. Answers with the NUL's place.
char* base64_write(char* out, std::span<const std::uint8_t> bytes);

/// Reads the one canonical form of some bytes: standard alphabet, padded, unused bits zero. Answers
/// how many bytes they are; nothing when it is no such form, or of more than `out` holds.
std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::uint8_t> out);

}  // namespace wscast
