#include "rooms/room_rate_limiter.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

constexpr RoomRateLimiter::Time kNow{std::chrono::hours(1)};

int taken(RoomRateLimiter& limiter, const std::string& room, RoomRateLimiter::Time now, int tries) {
  int count = 0;
  for (int i = 0; i < tries; ++i) count += limiter.take(room, now) ? 1 : 0;
  return count;
}

TEST(RoomRateLimiter, ARoomHasASecondsWorthAndRefillsEvenly) {
  RoomRateLimiter limiter(10);
  EXPECT_EQ(taken(limiter, "lobby", kNow, 20), 10);
  EXPECT_EQ(limiter.refused(), 10u);
  EXPECT_EQ(taken(limiter, "lobby", kNow + milliseconds(99), 20), 0);
  EXPECT_EQ(taken(limiter, "lobby", kNow + milliseconds(350), 20), 3);
  EXPECT_EQ(taken(limiter, "lobby", kNow + milliseconds(9'000), 20), 10);
}

TEST(RoomRateLimiter, EachRoomHasItsOwn) {
  RoomRateLimiter limiter(1);
  EXPECT_EQ(taken(limiter, "a", kNow, 3), 1);
  EXPECT_EQ(taken(limiter, "b", kNow, 3), 1);
}

TEST(RoomRateLimiter, AnotherRateHoldsAtOnce) {
  RoomRateLimiter limiter;
  EXPECT_EQ(taken(limiter, "a", kNow, 1'000), 1'000);
  EXPECT_EQ(limiter.rooms(), 0u) << "nothing is kept without a limit";
  limiter.set_rate(2);
  EXPECT_EQ(taken(limiter, "a", kNow, 9), 2);
  limiter.set_rate(100);
  EXPECT_EQ(taken(limiter, "a", kNow + milliseconds(500), 900), 50);
  limiter.set_rate(0);
  EXPECT_EQ(taken(limiter, "a", kNow, 9), 9);
}

TEST(RoomRateLimiter, ForgetsRoomsThatAreQuiet) {
  RoomRateLimiter limiter(1'000);
  for (int i = 0; i < 100'000; ++i) {
    ASSERT_TRUE(limiter.take("room " + std::to_string(i), kNow + milliseconds(i)));
  }
  EXPECT_LE(limiter.rooms(), 16u * 65);
}

}  // namespace
}  // namespace wscast::program
