#include "net/deadlines.h"

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

constexpr std::size_t kAll = 100;

constexpr SteadyTime at(int seconds) {
  return SteadyTime(std::chrono::seconds(seconds));
}

using Slots = std::vector<std::size_t>;

TEST(Deadlines, ReturnsTheEarliest) {
  Deadlines deadlines;
  EXPECT_EQ(deadlines.earliest(), Deadlines::kNever);
  deadlines.set(3, at(30));
  deadlines.set(1, at(10));
  EXPECT_EQ(deadlines.earliest(), at(10));
  deadlines.set(1, at(40));
  EXPECT_EQ(deadlines.earliest(), at(30));
}

TEST(Deadlines, ComeOnceAtTheirTime) {
  Deadlines deadlines;
  deadlines.set(0, at(10));
  deadlines.set(2, at(20));
  EXPECT_EQ(deadlines.expire(at(9), kAll), Slots{});
  EXPECT_EQ(deadlines.expire(at(10), kAll), Slots{0});
  EXPECT_EQ(deadlines.expire(at(20), kAll), Slots{2});
  EXPECT_EQ(deadlines.expire(at(30), kAll), Slots{});
  EXPECT_EQ(deadlines.earliest(), Deadlines::kNever);
}

TEST(Deadlines, ComeInTurnWhenThereAreMoreThanAskedFor) {
  Deadlines deadlines;
  for (std::size_t slot = 0; slot < 4; ++slot) deadlines.set(slot, at(10));
  EXPECT_EQ(deadlines.expire(at(10), 3), (Slots{0, 1, 2}));
  deadlines.set(0, at(10));
  EXPECT_EQ(deadlines.expire(at(10), 1), Slots{3});
  EXPECT_EQ(deadlines.expire(at(10), 3), Slots{0});
}

}  // namespace
}  // namespace wscast::net
