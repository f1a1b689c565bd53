#include "net/timers.h"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"

namespace wscast::net {
namespace {

using std::chrono::milliseconds;

class TimersTest : public testing::Test {
 protected:
  /// Runs what is due so many milliseconds after the begin, and returns what ran since the last
  /// call.
  std::string at(int time) {
    timers_.run_due(begin_ + milliseconds(time));
    return std::exchange(ran_, {});
  }
  void add(int time, const std::string& name) {
    timers_.add(begin_ + milliseconds(time), [this, name] { ran_ += name; });
  }

  const SteadyTime begin_{std::chrono::hours(1)};
  std::string ran_;
  Timers timers_;
};

TEST_F(TimersTest, EachRunsOnceWhenItIsDueTheEarliestFirst) {
  EXPECT_EQ(timers_.earliest(), SteadyTime::max());
  add(20, "b");
  add(10, "a");
  add(30, "c");
  EXPECT_EQ(timers_.earliest(), begin_ + milliseconds(10));
  EXPECT_EQ(at(9), "");
  EXPECT_EQ(at(25), "ab");
  EXPECT_EQ(at(25), "");
  EXPECT_EQ(at(30), "c");
  EXPECT_EQ(timers_.earliest(), SteadyTime::max());
}

TEST_F(TimersTest, ARepeatedOneRunsUntilItReturnsFalse) {
  int runs = 0;
  timers_.repeat(begin_ + milliseconds(10), milliseconds(10), [&] { return ++runs < 3; });
  for (int time = 0; time < 100; ++time) at(time);
  EXPECT_EQ(runs, 3);
  EXPECT_EQ(timers_.earliest(), SteadyTime::max());
}

TEST_F(TimersTest, ATaskMayAddOthers) {
  timers_.add(begin_, [this] {
    for (int i = 0; i < 100; ++i) add(1, "x");
    ran_ += "first";
  });
  EXPECT_EQ(at(0), "first");
  EXPECT_EQ(at(1), std::string(100, 'x'));
}

TEST_F(TimersTest, WhatOneThrowsLeavesTheOthersAndItself) {
  int runs = 0;
  timers_.repeat(begin_, milliseconds(10), [&]() -> bool {
    ++runs;
    throw std::runtime_error("no");
  });
  add(0, "a");
  EXPECT_THROW(at(0), std::runtime_error);
  EXPECT_EQ(at(0), "a");
  EXPECT_THROW(at(10), std::runtime_error);
  EXPECT_EQ(runs, 2);
}

TEST_F(TimersTest, ToRepeatTakesNoMemory) {
  timers_.repeat(begin_, milliseconds(10), [] { return true; });
  test::AllocationFaults::watch_this_thread();
  test::AllocationFaults::arm(1);
  for (int time = 0; time < 100; ++time) timers_.run_due(begin_ + milliseconds(time));
  EXPECT_FALSE(test::AllocationFaults::disarm());
  test::AllocationFaults::watch_this_thread(false);
}

}  // namespace
}  // namespace wscast::net
