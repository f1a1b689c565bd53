#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wscast {

/// What digit_values() says of characters that are no digit; a bit that no digit has.
inline constexpr std::uint8_t kNoDigit = 0x80;

/// The value of each character as a digit of `alphabet`, which has at most 128.
constexpr std::array<std::uint8_t, 256> digit_values(std::string_view alphabet) {
  std::array<std::uint8_t, 256> values{};
  values.fill(kNoDigit);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return values;
}

}  // namespace wscast
