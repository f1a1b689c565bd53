#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

namespace wscast::protocol {

/// The largest whole number that JavaScript has without a doubt: 2^53 - 1.
inline constexpr std::uint64_t kMaxSafeInteger = (std::uint64_t{1} << 53) - 1;

/// The value of a JSON text that is a whole number from 0 to kMaxSafeInteger in plain digits;
/// `std::nullopt` of any other text.
inline std::optional<std::uint64_t> whole_number(std::string_view text) {
  std::uint64_t value = 0;
  const char* end = text.data() + text.size();
  const auto [read, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || read != end || value > kMaxSafeInteger) return std::nullopt;
  return value;
}

}  // namespace wscast::protocol
