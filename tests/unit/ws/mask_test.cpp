#include "ws/mask.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

TEST(Mask, UnmasksTheExampleOfRfc6455Section5_7) {
  std::vector<std::uint8_t> bytes{0x7f, 0x9f, 0x4d, 0x51, 0x58};
  apply_mask(bytes, {0x37, 0xfa, 0x21, 0x3d}, 0);
  EXPECT_EQ(std::string(bytes.begin(), bytes.end()), "Hello");
}

TEST(Mask, TakesTheByteOfTheKeyForEachPlace) {
  const MaskKey key{1, 2, 4, 8};
  for (std::size_t size = 0; size < 40; ++size) {
    for (std::uint64_t position = 0; position < 5; ++position) {
      std::vector<std::uint8_t> bytes(size, 0);
      apply_mask(bytes, key, position);
      for (std::size_t i = 0; i < size; ++i) ASSERT_EQ(bytes[i], key[(position + i) % 4]) << size;
    }
  }
}

TEST(Mask, GivesTheSameWhateverThePieces) {
  const MaskKey key{1, 2, 4, 8};
  std::vector<std::uint8_t> whole(67, 0x5a);
  apply_mask(whole, key, 0);
  for (std::size_t split = 0; split <= whole.size(); ++split) {
    std::vector<std::uint8_t> pieces(67, 0x5a);
    apply_mask(std::span(pieces).first(split), key, 0);
    apply_mask(std::span(pieces).subspan(split), key, split);
    EXPECT_EQ(pieces, whole) << split;
  }
}

}  // namespace
}  // namespace wscast::ws
