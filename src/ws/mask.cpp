#include "ws/mask.h"

#include <bit>
#include <cstring>

namespace wscast::ws {
namespace {

/// The key as it lies over bytes that begin at `position`.
std::uint32_t key_at(const MaskKey& key, std::uint64_t position) {
  const auto word = std::bit_cast<std::uint32_t>(key);
  const int bits = static_cast<int>(position % key.size()) * 8;
  return std::endian::native == std::endian::little ? std::rotr(word, bits) : std::rotl(word, bits);
}

template <typename Block>
void mask_blocks(std::uint8_t*& at, std::size_t& left, Block pattern) {
  for (; left >= sizeof(Block); at += sizeof(Block), left -= sizeof(Block)) {
    Block block;
    std::memcpy(&block, at, sizeof block);
    block ^= pattern;
    std::memcpy(at, &block, sizeof block);
  }
}

}  // namespace

void apply_mask(std::span<std::uint8_t> bytes, const MaskKey& key, std::uint64_t position) {
  using Vector __attribute__((vector_size(16))) = std::uint32_t;  // Of GCC and Clang.
  const std::uint32_t word = key_at(key, position);
  std::uint8_t* at = bytes.data();
  std::size_t left = bytes.size();
  mask_blocks(at, left, Vector{word, word, word, word});
  mask_blocks(at, left, word);
  const auto rest = std::bit_cast<MaskKey>(word);
  for (std::size_t i = 0; i < left; ++i) at[i] ^= rest[i];
}

}  // namespace wscast::ws
