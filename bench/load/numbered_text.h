#pragma once

#include <algorithm>
#include <array>
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

/// Text of that size for the inside of a JSON string, which compresses about as well as JSON does:
/// words and numbers that follow from the size alone.
inline std::string words(std::size_t size) {
  constexpr std::array kWords{"id", "price", "lobby", "message", "user", "value", "name", "total"};
  std::string text;
  for (std::uint32_t state = 1; text.size() < size;) {
    state = state * 1664525u + 1013904223u;
    text += kWords[state >> 16 & 7];
    text += ':' + std::to_string(state >> 20) + ',';
  }
  text.resize(size);
  return text;
}

}  // namespace wscast::bench
