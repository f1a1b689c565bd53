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

int take_all(TokenBucket& bucket, std::size_t rate, SteadyTime now) {
  int taken = 0;
  while (taken < 1'000 && bucket.take(rate, now)) ++taken;
  return taken;
}

TEST(TokenBucket, HoldsOneSecondsWorth) {
  TokenBucket bucket;
  EXPECT_EQ(take_all(bucket, 7, kBegin), 7);
  EXPECT_EQ(take_all(bucket, 7, kBegin + hours(1)), 7);
}

TEST(TokenBucket, RefillsEvenly) {
  TokenBucket bucket;
  take_all(bucket, 4, kBegin);
  EXPECT_FALSE(bucket.take(4, kBegin + milliseconds(249)));
  EXPECT_TRUE(bucket.take(4, kBegin + milliseconds(250)));
  EXPECT_FALSE(bucket.take(4, kBegin + milliseconds(250)));
  EXPECT_EQ(take_all(bucket, 4, kBegin + milliseconds(750)), 2);
}

TEST(TokenBucket, SmallStepsAddUp) {
  TokenBucket bucket;
  take_all(bucket, 1'000, kBegin);
  SteadyTime now = kBegin;
  int taken = 0;
  for (int i = 0; i < 10'000; ++i) {
    now += std::chrono::microseconds(100);
    taken += bucket.take(1'000, now) ? 1 : 0;
  }
  EXPECT_NEAR(taken, 1'000, 1);
}

TEST(TokenBucket, ARateOfZeroLetsEverythingPass) {
  TokenBucket bucket;
  EXPECT_EQ(take_all(bucket, 0, kBegin), 1'000);
}

TEST(TokenBucket, ALowerRateLeavesNoMoreThanASecondsWorthOfIt) {
  TokenBucket bucket;
  bucket.change_rate(100, 3, kBegin);
  EXPECT_EQ(take_all(bucket, 3, kBegin), 3);
  EXPECT_EQ(take_all(bucket, 3, kBegin + seconds(1)), 3);
}

TEST(TokenBucket, AHigherRateRefillsFasterFromThen) {
  TokenBucket bucket;
  take_all(bucket, 4, kBegin);
  bucket.change_rate(4, 100, kBegin + milliseconds(500));
  EXPECT_EQ(take_all(bucket, 100, kBegin + milliseconds(500)), 2) << "what the old rate has given";
  EXPECT_EQ(take_all(bucket, 100, kBegin + milliseconds(600)), 10);
}

TEST(TokenBucket, ARateMayComeAndGo) {
  TokenBucket bucket;
  bucket.change_rate(0, 3, kBegin + seconds(9));
  EXPECT_EQ(take_all(bucket, 3, kBegin + seconds(9)), 3);
  bucket.change_rate(3, 0, kBegin + seconds(9));
  EXPECT_EQ(take_all(bucket, 0, kBegin + seconds(9)), 1'000);
}

TEST(TokenBucket, WhatIsOwedIsOwedAtAnotherRateToo) {
  TokenBucket bucket;
  EXPECT_TRUE(bucket.take(4, kBegin));
  bucket.charge(4, 11);
  bucket.change_rate(4, 8, kBegin);
  EXPECT_FALSE(bucket.take(8, kBegin + seconds(1)));
  EXPECT_TRUE(bucket.take(8, kBegin + milliseconds(1'125)));
}

TEST(TokenBucket, WhatIsOwedIsWaitedFor) {
  TokenBucket bucket;
  EXPECT_TRUE(bucket.take(4, kBegin));
  bucket.charge(4, 7);
  EXPECT_FALSE(bucket.take(4, kBegin + milliseconds(1'249)));
  EXPECT_TRUE(bucket.take(4, kBegin + milliseconds(1'250)));
}

class RateLimiterTest : public testing::Test {
 protected:
  /// One message more than the rate at `after` the begin: the verdict on it.
  Verdict overflow(std::chrono::milliseconds after) {
    Verdict verdict = Verdict::pass;
    while (verdict == Verdict::pass) {
      verdict = limiter_.check_message(rates_, 1, kBegin + after);
    }
    return verdict;
  }

  const Rates rates_{.messages = 2, .joins = 1};
  RateLimiter limiter_;
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
  EXPECT_EQ(limiter_.check_join(rates_, kBegin), Verdict::pass);
  EXPECT_EQ(limiter_.check_join(rates_, kBegin), Verdict::drop_and_report);
  EXPECT_EQ(limiter_.check_message(rates_, 1, kBegin), Verdict::pass);
  EXPECT_EQ(overflow(seconds(0)), Verdict::drop);
  for (const int second : {1, 2, 3}) EXPECT_EQ(overflow(seconds(second)), Verdict::drop_and_report);
  while (limiter_.check_join(rates_, kBegin + seconds(3)) == Verdict::pass) continue;
  EXPECT_EQ(overflow(seconds(4)), Verdict::close);
}

TEST(RateLimiter, X5BytesHaveARateOfTheirOwn) {
  const Rates rates{.bytes = 100};
  RateLimiter limiter;
  EXPECT_EQ(limiter.check_message(rates, 60, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(rates, 40, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(rates, 1, kBegin), Verdict::drop_and_report);
  EXPECT_EQ(limiter.check_message(rates, 1, kBegin + milliseconds(10)), Verdict::pass);
  EXPECT_EQ(limiter.check_join(rates, kBegin), Verdict::pass) << "no rate of joins";
}

TEST(RateLimiter, X5ALongMessagePassesAndIsPaidForAfterwards) {
  const Rates rates{.bytes = 100};
  RateLimiter limiter;
  EXPECT_EQ(limiter.check_message(rates, 350, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(rates, 1, kBegin + milliseconds(2'509)),
            Verdict::drop_and_report);
  EXPECT_EQ(limiter.check_message(rates, 1, kBegin + milliseconds(2'511)), Verdict::pass);
}

TEST(RateLimiter, X5AnEmptyMessageCountsAsOneByte) {
  const Rates rates{.bytes = 2};
  RateLimiter limiter;
  EXPECT_EQ(limiter.check_message(rates, 0, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(rates, 0, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(rates, 0, kBegin), Verdict::drop_and_report);
}

TEST(RateLimiter, X5WhatIsDroppedIsNotPaidFor) {
  const Rates rates{.messages = 1, .bytes = 100};
  RateLimiter limiter;
  EXPECT_EQ(limiter.check_message(rates, 1, kBegin), Verdict::pass);
  EXPECT_EQ(limiter.check_message(rates, 99, kBegin), Verdict::drop_and_report);
  EXPECT_EQ(limiter.check_message(rates, 99, kBegin + seconds(1)), Verdict::pass);
}

}  // namespace
}  // namespace wscast::session
