#include "net/delivery_timer.h"

#include <chrono>

#include <gtest/gtest.h>

#include "support/session_fakes.h"

namespace wscast::net {
namespace {

using std::chrono::milliseconds;

class DeliveryTimerTest : public testing::Test {
 protected:
  Distribution all() const {
    Distribution all;
    timer_.add_to(all);
    return all;
  }

  session::FakeClock clock_;
  DeliveryTimer timer_{clock_};
};

TEST_F(DeliveryTimerTest, AFrameLastsUntilTheClockIsReadAfterItWasWritten) {
  const SteadyTime taken = clock_.now();
  clock_.pass(milliseconds(3));
  for (int receiver = 0; receiver < 1'000; ++receiver) timer_.note_written(taken);
  EXPECT_TRUE(timer_.pending());
  EXPECT_EQ(all().count(), 0u);
  clock_.pass(milliseconds(1));
  timer_.settle(clock_.now());
  EXPECT_FALSE(timer_.pending());
  EXPECT_EQ(all().count(), 1'000u);
  EXPECT_EQ(all().sum, 4'000'000'000u) << "1,000 times 4 ms";
}

TEST_F(DeliveryTimerTest, WhatIsNotMeasuredIsNotCounted) {
  timer_.note_written(SteadyTime{});
  EXPECT_FALSE(timer_.pending());
}

TEST_F(DeliveryTimerTest, EachMessageLastsFromWhenItWasTaken) {
  const SteadyTime first = clock_.now();
  clock_.pass(milliseconds(2));
  timer_.note_written(first);
  timer_.note_written(clock_.now());
  clock_.pass(milliseconds(1));
  timer_.settle();
  EXPECT_EQ(all().count(), 2u);
  EXPECT_EQ(all().sum, 4'000'000u) << "3 ms and 1 ms";
}

TEST_F(DeliveryTimerTest, NoneIsLostHoweverManyMessagesWait) {
  for (int message = 1; message <= 1'000; ++message) {
    timer_.note_written(clock_.now());
    clock_.pass(milliseconds(1));
  }
  timer_.settle(clock_.now());
  EXPECT_EQ(all().count(), 1'000u);
}

}  // namespace
}  // namespace wscast::net
