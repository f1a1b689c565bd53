#include "base/uuid.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

namespace wscast {
namespace {

constexpr std::string_view kDigits = "0123456789abcdef";
constexpr std::size_t kTextSize = 36;

/// Where the two digits of each byte stand, and the dashes between them.
constexpr std::array<std::uint8_t, 16> kPlaces = {0,  2,  4,  6,  9,  11, 14, 16,
                                                  19, 21, 24, 26, 28, 30, 32, 34};
constexpr std::array<std::uint8_t, 4> kDashes = {8, 13, 18, 23};

/// `text` without its dashes.
std::array<char, 32> digits_of(std::string_view text) {
  std::array<char, 32> digits;
  std::memcpy(digits.data(), &text[0], 8);
  std::memcpy(digits.data() + 8, &text[9], 4);
  std::memcpy(digits.data() + 12, &text[14], 4);
  std::memcpy(digits.data() + 16, &text[19], 4);
  std::memcpy(digits.data() + 20, &text[24], 12);
  return digits;
}

/// Writes the 8 bytes that 16 digits spell, all at once. False: one of them is no digit.
bool read_digits(const char* from, std::uint8_t* to) {
  // Vectors of GCC and Clang.
  using Digits __attribute__((vector_size(16))) = std::uint8_t;
  using Pairs __attribute__((vector_size(16))) = std::uint16_t;
  using Bytes __attribute__((vector_size(8))) = std::uint8_t;
  Digits digits;
  std::memcpy(&digits, from, sizeof digits);
  const auto decimal = Digits((digits >= '0') & (digits <= '9'));
  const auto letter = Digits((digits >= 'a') & (digits <= 'f'));
  const auto valid = std::bit_cast<std::array<std::uint64_t, 2>>(decimal | letter);
  if ((valid[0] & valid[1]) != ~std::uint64_t{0}) return false;
  const auto pairs =
      std::bit_cast<Pairs>(((digits - '0') & decimal) | ((digits - ('a' - 10)) & letter));
  // Of a pair in memory, the first is the byte's higher half.
  const bool little = std::endian::native == std::endian::little;
  const Pairs values = little ? pairs << 4 | pairs >> 8 : pairs >> 4 | pairs;
  const auto bytes = __builtin_convertvector(values, Bytes);
  std::memcpy(to, &bytes, sizeof bytes);
  return true;
}

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
  const auto digits = digits_of(text);
  UuidBytes bytes;
  const bool valid =
      read_digits(digits.data(), bytes.data()) && read_digits(digits.data() + 16, bytes.data() + 8);
  return valid ? std::optional(bytes) : std::nullopt;
}

void stamp_uuid_v4(UuidBytes& bytes) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | 0x40);
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);
}

}  // namespace wscast
