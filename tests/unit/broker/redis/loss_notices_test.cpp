#include "broker/redis/loss_notices.h"

#include <string>
#include <vector>

#include <gmock/gmock.h>

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

class LossNoticesTest : public ::testing::Test {
 protected:
  void lose(std::string_view channel) { notices_.add(channel, now_); }
  std::vector<std::string> take() { return notices_.take_due(now_); }

  SteadyTime now_{milliseconds(5'000)};
  LossNotices notices_;
};

// shows: X3
TEST_F(LossNoticesTest, TheFirstLossOfAChannelIsToldAtOnce) {
  EXPECT_FALSE(notices_.any_due());
  EXPECT_EQ(notices_.next_deadline(), std::nullopt);
  lose("a");
  lose("b");
  lose("a");
  EXPECT_TRUE(notices_.any_due());
  EXPECT_EQ(notices_.next_deadline(), now_);
  EXPECT_THAT(take(), UnorderedElementsAre("a", "b"));
  EXPECT_FALSE(notices_.any_due());
  EXPECT_THAT(take(), IsEmpty());
  EXPECT_EQ(notices_.next_deadline(), std::nullopt);
}

TEST_F(LossNoticesTest, WhatFollowsWithinASecondIsToldTogetherAtItsEnd) {
  lose("a");
  EXPECT_THAT(take(), ElementsAre("a"));
  const SteadyTime end = now_ + milliseconds(1'000);
  for (int i = 0; i < 100; ++i) {
    now_ += milliseconds(9);
    lose("a");
    EXPECT_FALSE(notices_.any_due());
    EXPECT_THAT(take(), IsEmpty());
    EXPECT_EQ(notices_.next_deadline(), end);
  }
  lose("b");
  EXPECT_THAT(take(), ElementsAre("b")) << "another channel does not wait for it";
  now_ = end;
  EXPECT_THAT(take(), ElementsAre("a"));
  EXPECT_EQ(notices_.next_deadline(), std::nullopt);
  lose("a");
  EXPECT_EQ(notices_.next_deadline(), end + milliseconds(1'000));
}

TEST_F(LossNoticesTest, ASecondLaterItIsToldAtOnceAgain) {
  lose("a");
  take();
  now_ += milliseconds(1'000);
  lose("a");
  EXPECT_TRUE(notices_.any_due());
  EXPECT_THAT(take(), ElementsAre("a"));
}

TEST_F(LossNoticesTest, BeyondItsLimitChannelsCountAsAny) {
  for (std::size_t i = 0; i < LossNotices::kMaxChannels + 10; ++i) lose(std::to_string(i));
  auto channels = take();
  EXPECT_EQ(channels.size(), LossNotices::kMaxChannels + 1);
  EXPECT_EQ(channels.back(), "");
  lose("one more");
  EXPECT_THAT(take(), IsEmpty()) << "all were told just now";
  now_ += milliseconds(1'000);
  EXPECT_THAT(take(), ElementsAre(""));
  now_ += milliseconds(1'000);
  lose("one more");
  EXPECT_THAT(take(), ElementsAre("one more")) << "the others are forgotten";
}

}  // namespace
}  // namespace wscast::redis
