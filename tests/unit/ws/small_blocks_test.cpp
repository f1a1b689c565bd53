#include "ws/small_blocks.h"

#include <cstring>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

constexpr std::size_t kSizes[] = {16, 100, 512, 513, 100'000};

TEST(SmallBlocks, EachHasRoomForItsSize) {
  SmallBlocks blocks;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<void*, std::size_t>> taken;
    std::set<void*> different;
    for (int i = 0; i < 1'000; ++i) {
      const std::size_t size = kSizes[static_cast<std::size_t>(i) % std::size(kSizes)];
      taken.emplace_back(blocks.allocate(size), size);
      std::memset(taken.back().first, i, size);
      different.insert(taken.back().first);
    }
    EXPECT_EQ(different.size(), taken.size());
    for (const auto& [block, size] : taken) blocks.release(block, size);
  }
}

#ifndef WSCAST_SANITIZED
TEST(SmallBlocks, ASmallOneComesAgain) {
  SmallBlocks blocks;
  void* const large = blocks.allocate(512);
  void* const small = blocks.allocate(16);
  blocks.release(large, 512);
  blocks.release(small, 16);
  EXPECT_EQ(blocks.allocate(449), large);
  EXPECT_EQ(blocks.allocate(64), small);
  blocks.release(large, 449);
  blocks.release(small, 64);
}

TEST(SmallBlocks, ASmallOneIsNotServedFromALargeOne) {
  SmallBlocks blocks;
  void* const large = blocks.allocate(512);
  blocks.release(large, 512);
  void* const small = blocks.allocate(16);
  EXPECT_NE(small, large);
  blocks.release(small, 16);
}
#endif

}  // namespace
}  // namespace wscast::ws
