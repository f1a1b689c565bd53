#include "ws/mask.h"

#include <cstring>

namespace wscast::ws {

void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t position) {
  std::array<std::uint8_t, 8> pattern;
  for (std::size_t i = 0; i < pattern.size(); ++i) pattern[i] = key[(position + i) % 4];
  std::uint64_t word_mask;
  std::memcpy(&word_mask, pattern.data(), sizeof word_mask);

  std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  for (; left >= sizeof word_mask; at += sizeof word_mask, left -= sizeof word_mask) {
    std::uint64_t word;
    std::memcpy(&word, at, sizeof word);
    word ^= word_mask;
    std::memcpy(at, &word, sizeof word);
  }
  for (std::size_t i = 0; i < left; ++i) at[i] ^= pattern[i];
}

}  // namespace wscast::ws
