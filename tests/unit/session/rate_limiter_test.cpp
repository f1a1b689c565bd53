#include "session/rate_limiter.h"

#include <chrono>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Verdict = RateLimiter::Verdict;

constexpr SteadyTime kBegin{hours(5)};

int take_all(TokenBucket& bucket, SteadyTime now) {
  int taken = 0;
  while (taken < 1'000 && bucket.take(now)) ++taken;
  return taken;
}

TEST(TokenBucket, HoldsOneSecondsWorth) {
  TokenBucket bucket(7, kBegin);
  EXPECT_EQ(take_all(bucket, kBegin), 7);
  EXPECT_EQ(take_all(bucket, kBegin + hours(1)), 7);
}

TEST(TokenBucket, RefillsEvenly) {
  TokenBucket bucket(4, kBegin);
  take_all(bucket, kBegin);
  EXPECT_FALSE(bucket.take(kBegin + milliseconds(249)));
  EXPECT_TRUE(bucket.take(kBegin + milliseconds(250)));
  EXPECT_FALSE(bucket.take(kBegin + milliseconds(250)));
  EXPECT_EQ(take_all(bucket, kBegin + milliseconds(750)), 2);
}

TEST(TokenBucket, SmallStepsAddUp) {
  TokenBucket bucket(1'000, kBegin);
  take_all(bucket, kBegin);
  SteadyTime now = kBegin;
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += std::chrono::microseconds(100);
    taken += bucket.take(now) ? 1 : 0;
  }
  EXPECT_NEAR(taken, 1'000, 1);
}

TEST(TokenBucket, ARateOfZeroLetsEverythingPass) {
  TokenBucket bucket(0, kBegin);
  EXPECT_EQ(take_all(bucket, kBegin), 1'000);
}

TEST(TokenBucket, ALowerRateLeavesNoMoreThanASecondsWorthOfIt) {
  TokenBucket bucket(100, kBegin);
  bucket.set_rate(3, kBegin);
  EXPECT_EQ(take_all(bucket, kBegin), 3);
  EXPECT_EQ(take_all(bucket, kBegin + seconds(1)), 3);
}

TEST(TokenBucket, AHigherRateRefillsFasterFromThen) {
  TokenBucket bucket(4, kBegin);
  take_all(bucket, kBegin);
  bucket.set_rate(100, kBegin + milliseconds(500));
  EXPECT_EQ(take_all(bucket, kBegin + milliseconds(500)), 2) << "what the old rate has given";
  EXPECT_EQ(take_all(bucket, kBegin + milliseconds(600)), 10);
}

TEST(TokenBucket, ARateMayComeAndGo) {
  TokenBucket bucket(0, kBegin);
  bucket.set_rate(3, kBegin + seconds(9));
  EXPECT_EQ(take_all(bucket, kBegin + seconds(9)), 3);
  bucket.set_rate(0, kBegin + seconds(9));
  EXPECT_EQ(take_all(bucket, kBegin + seconds(9)), 1'000);
}

TEST(TokenBucket, WhatIsOwedIsOwedAtAnotherRateToo) {
  TokenBucket bucket(4, kBegin);
  bucket.charge(12);
  bucket.set_rate(8, kBegin);
  EXPECT_FALSE(bucket.take(kBegin + seconds(1)));
  EXPECT_TRUE(bucket.take(kBegin + milliseconds(1'125)));
}

TEST(TokenBucket, WhatIsOwedIsWaitedFor) {
  TokenBucket bucket(4, kBegin);
  EXPECT_TRUE(bucket.take(kBegin));
  bucket.charge(7);
  EXPECT_FALSE(bucket.take(kBegin + milliseconds(1'249)));
  EXPECT_TRUE(bucket.take(kBegin + milliseconds(1'250)));
}

class RateLimiterTest : public testing::Test {
 protected:
  /// One message more than the rate at `after` the begin: the verdict on it.
  Verdict overflow(std::chrono::milliseconds after) {
    Verdict verdict = Verdict::pass;
    while (verdict == Verdict::pass) verdict = limiter_.check_message(1, kBegin + after);
    return verdict;
  }

  RateLimiter limiter_{{.messages = 2, .joins = 1}, kBegin};
};

TEST_F(RateLimiterTest, O11ReportsTheFirstDropOfASecond) {
  EXPECT_EQ(overflow(seconds(0)), Verdict::drop_and_report);
  EXPECT_EQ(overflow(milliseconds(1)), Verdict::drop);
  EXPECT_EQ(overflow(milliseconds(999)), Verdict::drop);
  EXPECT_EQ(overflow(milliseconds(1'000)), Verdict::drop_and_report);
}

TEST_F(RateLimiterTest, O11ClosesAtTheFifthSecondInARow) {
  for (int second = 0; second < 4; ++second) {
    EXPECT_EQ(overflow(seconds(second)), Verdict::drop_and_report) << second;
    EXPECT_EQ(overflow(seconds(second)), Verdict::drop) << second;
  }
  EXPECT_EQ(overflow(seconds(4)), Verdict::close);
}

TEST_F(RateLimiterTest, O11ASecondWithoutADropBreaksTheRow) {
  for (const int second : {0, 1, 2, 3, 5, 6, 7, 8, 10}) {
    EXPECT_EQ(overflow(seconds(second)), Verdict::drop_and_report) << second;
  }
}

TEST_F(RateLimiterTest, O11TheRowMayBeginLate) {
  for (const int second : {100, 101, 102, 103}) {
    EXPECT_EQ(overflow(seconds(second)), Verdict::drop_and_report) << second;
  }
  EXPECT_EQ(overflow(seconds(104)), Verdict::close);
}

TEST_F(RateLimiterTest, O11JoinsAndMessagesShareTheRowButNotTheBucket) {
  EXPECT_EQ(limiter_.check_join(kBegin), Verdict::pass);
  EXPECT_EQ(limiter_.check_join(kBegin), Verdict::drop_and_report);
  EXPECT_EQ(limiter_.check_message(1, kBegin), Verdict::pass);
  EXPECT_EQ(overflow(seconds(0)), Verdict::drop);
  for (const int second : {1, 2, 3}) EXPECT_EQ(overflow(seconds(second)), Verdict::drop_and_report);
  while (limiter_.check_join(kBegin + seconds(3)) == Verdict::pass) continue;
  EXPECT_EQ(overflow(seconds(4)), Verdict::close);
}

TEST(RateLimiter, X5BytesHaveARateOfTheirOwn) {
  RateLimiter limiter({.bytes = 100}, kBegin);
  EXPECT_EQ(limiter.check_message(60, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(40, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(1, kBegin), Verdict::drop_and_report);
  EXPECT_EQ(limiter.check_message(1, kBegin + milliseconds(10)), Verdict::pass);
  EXPECT_EQ(limiter.check_join(kBegin), Verdict::pass) << "no rate of joins";
}

TEST(RateLimiter, X5ALongMessagePassesAndIsPaidForAfterwards) {
  RateLimiter limiter({.bytes = 100}, kBegin);
  EXPECT_EQ(limiter.check_message(350, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(1, kBegin + milliseconds(2'509)), Verdict::drop_and_report);
  EXPECT_EQ(limiter.check_message(1, kBegin + milliseconds(2'511)), Verdict::pass);
}

TEST(RateLimiter, X5AnEmptyMessageCountsAsOneByte) {
  RateLimiter limiter({.bytes = 2}, kBegin);
  EXPECT_EQ(limiter.check_message(0, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(0, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(0, kBegin), Verdict::drop_and_report);
}

TEST(RateLimiter, X5WhatIsDroppedIsNotPaidFor) {
  RateLimiter limiter({.messages = 1, .bytes = 100}, kBegin);
  EXPECT_EQ(limiter.check_message(1, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(99, kBegin), Verdict::drop_and_report);
  EXPECT_EQ(limiter.check_message(99, kBegin + seconds(1)), Verdict::pass);
}

TEST(Rates, AreUnlimitedWithoutAny) {
  EXPECT_TRUE(Rates().unlimited());
  EXPECT_FALSE(Rates{.messages = 1}.unlimited());
  EXPECT_FALSE(Rates{.joins = 1}.unlimited());
  EXPECT_FALSE(Rates{.bytes = 1}.unlimited());
}

}  // namespace
}  // namespace wscast::session
