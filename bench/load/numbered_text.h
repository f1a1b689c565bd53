#pragma once

#include <algorithm>
#include <cstdint>
#include <span>
#include <string>

namespace wscast::bench {

/// Writes `number` over the first 8 characters of `text`, or as many as it has, so that an old
/// message is never taken for the one expected.
inline void write_number(std::span<char> text, std::uint64_t number) {
  for (std::size_t i = 0; i < std::min<std::size_t>(text.size(), 8); ++i) {
    text[i] = static_cast<char>('a' + (number >> 4 * i & 0xf));
  }
}

}  // namespace wscast::bench
