#include "base/uuid.h"

#include "base/digit_values.h"

namespace wscast {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kTextSize = 36;

constexpr auto kValues = digit_values(kDigits);

/// Where the two digits of each byte stand, and the dashes between them.
constexpr std::array<std::uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                                  19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::uint8_t, 4> kDashes = {8, 13, 18, 23};

}  // namespace

std::string hex(std::span<const std::uint8_t> bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    out.push_back(kDigits[byte >> 4]);
    out.push_back(kDigits[byte & 15]);
  }
  return out;
}

std::string format_uuid(const UuidBytes& bytes) {
  std::string out(kTextSize, '-');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    out[kPlaces[i]] = kDigits[bytes[i] >> 4];
    out[kPlaces[i] + 1] = kDigits[bytes[i] & 15];
  }
  return out;
}

std::optional<UuidBytes> parse_uuid(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  for (const std::size_t dash : kDashes) {
    if (text[dash] != '-') return std::nullopt;
  }
  UuidBytes bytes;
  std::uint8_t all = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t high = kValues[static_cast<std::uint8_t>(text[kPlaces[i]])];
    const std::uint8_t low = kValues[static_cast<std::uint8_t>(text[kPlaces[i] + 1])];
    all |= high | low;
    bytes[i] = static_cast<std::uint8_t>(high << 4 | low);
  }
  return (all & kNoDigit) == 0 ? std::optional(bytes) : std::nullopt;
}

void stamp_uuid_v4(UuidBytes& bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace wscast
