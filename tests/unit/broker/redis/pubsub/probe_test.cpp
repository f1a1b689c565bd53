#include "broker/redis/pubsub/probe.h"

#include <string>

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using Step = Probe::Step;

class ProbeTest : public ::testing::Test {
 protected:
  Step after(int duration) {
    now_ += milliseconds(duration);
    return probe_.on_time(now_);
  }
  bool returned(const std::string& text) { return probe_.on_returned(text, now_); }

  SteadyTime now_{};
  Probe probe_{milliseconds(500), milliseconds(2'000)};
};

TEST_F(ProbeTest, SendsAtOnceAndThenAtItsInterval) {
  EXPECT_EQ(after(0), Step::wait);
  EXPECT_EQ(probe_.due(), std::nullopt);
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  EXPECT_EQ(probe_.sent(), 1u);
  EXPECT_EQ(probe_.due(), now_ + milliseconds(500));
  EXPECT_EQ(after(499), Step::wait);
  EXPECT_EQ(after(1), Step::send);
  EXPECT_EQ(probe_.sent(), 2u);
}

TEST_F(ProbeTest, ARoundTripLastsUntilTheLastProbeIsBack) {
  EXPECT_EQ(probe_.round_trip(), std::nullopt);
  probe_.start(now_);
  after(0);
  EXPECT_EQ(probe_.round_trip(), std::nullopt) << "it is under way";
  now_ += milliseconds(3);
  EXPECT_TRUE(returned("1"));
  EXPECT_EQ(probe_.round_trip(), milliseconds(3));
  EXPECT_EQ(after(500), Step::send);
  EXPECT_TRUE(returned("1"));
  EXPECT_EQ(probe_.round_trip(), std::nullopt) << "it was an earlier one";
}

TEST_F(ProbeTest, HasNoDeliveriesWhenNoneComesBackForTheTimeout) {
  probe_.start(now_);
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(after(i == 0 ? 0 : 500), Step::send);
    probe_.on_accepted(probe_.sent(), now_);
  }
  now_ += milliseconds(10);
  EXPECT_TRUE(returned("4"));
  for (int i = 0; i < 4; ++i) {
    EXPECT_EQ(after(i == 0 ? 490 : 500), Step::send);
    probe_.on_accepted(probe_.sent(), now_);
  }
  EXPECT_EQ(probe_.due(), now_ + milliseconds(10)) << "2 s after the last one";
  EXPECT_EQ(after(10), Step::no_deliveries);
  EXPECT_TRUE(probe_.all_accepted());
}

TEST_F(ProbeTest, IsUnresponsiveWhenOnlyRepliesAreMissing) {
  probe_.start(now_);
  for (int i = 1; i <= 4; ++i) {
    EXPECT_EQ(after(i == 1 ? 0 : 500), Step::send);
    EXPECT_TRUE(returned(std::to_string(i)));
  }
  EXPECT_EQ(after(500), Step::unresponsive);
  EXPECT_FALSE(probe_.all_accepted());
}

TEST_F(ProbeTest, HasNoDeliveriesWhenAllStopsAtOnce) {
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  probe_.on_accepted(1, now_);
  now_ += milliseconds(1);
  EXPECT_TRUE(returned("1"));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(after(i == 0 ? 499 : 500), Step::send);
  EXPECT_EQ(after(500), Step::no_deliveries);
  EXPECT_FALSE(probe_.all_accepted());
}

TEST_F(ProbeTest, IsHealthyWhenOneWasAcceptedAndCameBackSinceTheStart) {
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  EXPECT_FALSE(probe_.healthy());
  EXPECT_TRUE(returned("1"));
  EXPECT_FALSE(probe_.healthy());
  probe_.on_accepted(1, now_);
  EXPECT_TRUE(probe_.healthy());
  probe_.stop();
  EXPECT_TRUE(returned("1")) << "a late one";
  probe_.on_accepted(1, now_);
  EXPECT_FALSE(probe_.healthy());
}

TEST_F(ProbeTest, KnowsItsOwn) {
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  for (const auto* text : {"", "0", "2", "-1", "1x", " 1", "99999999999999999999"}) {
    EXPECT_FALSE(returned(text)) << text;
  }
  EXPECT_TRUE(returned("1"));
}

TEST_F(ProbeTest, ABusyLoopIsNoSilence) {
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  EXPECT_EQ(after(10'000), Step::send) << "what came in the meantime is not read yet";
  EXPECT_EQ(after(500), Step::send);
}

TEST_F(ProbeTest, WhatShowsThatTheConnectionWorksPostponesIt) {
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  for (int i = 0; i < 20; ++i) {
    probe_.postpone(now_);
    probe_.on_accepted(probe_.sent(), now_);
    EXPECT_EQ(after(500), Step::send);
  }
}

TEST_F(ProbeTest, StopsAndStartsAnew) {
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  probe_.stop();
  EXPECT_EQ(after(5'000), Step::wait);
  probe_.start(now_);
  EXPECT_EQ(after(0), Step::send);
  EXPECT_EQ(probe_.sent(), 2u) << "it never counts back";
}

}  // namespace
}  // namespace wscast::redis
