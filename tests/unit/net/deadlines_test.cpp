#include "net/deadlines.h"

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

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
  EXPECT_EQ(deadlines.expire(at(9)), Slots{});
  EXPECT_EQ(deadlines.expire(at(10)), Slots{0});
  EXPECT_EQ(deadlines.expire(at(20)), Slots{2});
  EXPECT_EQ(deadlines.expire(at(30)), Slots{});
  EXPECT_EQ(deadlines.earliest(), Deadlines::kNever);
}

}  // namespace
}  // namespace wscast::net
