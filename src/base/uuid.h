#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace wscast {

using UuidBytes = std::array<std::uint8_t, 16>;

/// Writes 8-4-4-4-12 lower-case hexadecimal digits.
std::string format_uuid(const UuidBytes& bytes);

/// Parses exactly what format_uuid writes: upper case is rejected, so each UUID has one spelling.
std::optional<UuidBytes> parse_uuid(std::string_view text);

/// Marks `bytes` as RFC 4122 version 4.
void stamp_uuid_v4(UuidBytes& bytes);

/// Writes `2 * bytes.size()` lower-case hexadecimal digits.
std::string hex(std::span<const std::uint8_t> bytes);

}  // namespace wscast
