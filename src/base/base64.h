#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wscast {

/// Standard alphabet, padded (RFC 4648 section 4).
std::string base64_encode(std::span<const std::uint8_t> bytes);

/// Whether `text` is the one canonical base64 form of exactly `size` bytes: standard alphabet,
/// padded, unused bits zero.
bool is_base64_of(std::string_view text, std::size_t size);

}  // namespace wscast
