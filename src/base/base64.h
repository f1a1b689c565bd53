#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wscast {

/// The number of characters that encode `size` bytes.
constexpr std::size_t base64_size(std::size_t size) {
  return (size + 2) / 3 * 4;
}

/// Encodes in the standard alphabet, padded (RFC 4648 section 4).
std::string base64_encode(std::span<const std::uint8_t> bytes);

/// Writes the same to `out`, then a NUL that may be overwritten. Returns the NUL's address.
char* base64_write(char* out, std::span<const std::uint8_t> bytes);

/// Decodes the canonical form only: standard alphabet, padded, unused bits zero. Returns the number
/// of bytes; `std::nullopt` when `text` is no such form or encodes more than `out` holds.
std::optional<std::size_t> base64_decode(std::string_view text, std::span<std::uint8_t> out);

}  // namespace wscast
