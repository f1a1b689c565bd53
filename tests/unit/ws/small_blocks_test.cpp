#include "ws/small_blocks.h"

#include <cstring>
#include <set>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::ws {
namespace {

constexpr std::size_t kSizes[] = {16, 100, 512, 513, 100'000};

TEST(SmallBlocks, EachHasRoomForWhatItWasTakenFor) {
  SmallBlocks blocks;
  for (int round = 0; round < 3; ++round) {
    std::vector<std::pair<void*, std::size_t>> taken;
    std::set<void*> different;
    for (int i = 0; i < 1'000; ++i) {
      const std::size_t size = kSizes[static_cast<std::size_t>(i) % std::size(kSizes)];
      taken.emplace_back(blocks.take(size), size);
      std::memset(taken.back().first, i, size);
      different.insert(taken.back().first);
    }
    EXPECT_EQ(different.size(), taken.size());
    for (const auto& [block, size] : taken) blocks.give_back(block, size);
  }
}

#ifndef WSCAST_SANITIZED
TEST(SmallBlocks, ASmallOneComesAgain) {
  SmallBlocks blocks;
  void* const large = blocks.take(512);
  void* const small = blocks.take(16);
  blocks.give_back(large, 512);
  blocks.give_back(small, 16);
  EXPECT_EQ(blocks.take(449), large);
  EXPECT_EQ(blocks.take(64), small);
  blocks.give_back(large, 449);
  blocks.give_back(small, 64);
}

TEST(SmallBlocks, ASmallOneIsNotServedFromALargeOne) {
  SmallBlocks blocks;
  void* const large = blocks.take(512);
  blocks.give_back(large, 512);
  void* const small = blocks.take(16);
  EXPECT_NE(small, large);
  blocks.give_back(small, 16);
}
#endif

}  // namespace
}  // namespace wscast::ws
