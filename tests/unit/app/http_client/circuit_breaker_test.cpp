#include "http_client/circuit_breaker.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using Change = CircuitBreaker::Change;
using std::chrono::milliseconds;

class CircuitBreakerTest : public testing::Test {
 protected:
  void open() {
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(breaker_.allow(now_));
      breaker_.failed(now_);
    }
  }

  CircuitBreaker breaker_{{.failures = 3, .open_for = milliseconds(1'000)}};
  CircuitBreaker::Time now_{std::chrono::hours(1)};
};

TEST_F(CircuitBreakerTest, OpensAfterSoManyFailuresInARow) {
  EXPECT_EQ(breaker_.failed(now_), Change::none);
  EXPECT_EQ(breaker_.failed(now_), Change::none);
  EXPECT_TRUE(breaker_.allow(now_));
  EXPECT_EQ(breaker_.failed(now_), Change::opened);
  EXPECT_FALSE(breaker_.allow(now_));
}

TEST_F(CircuitBreakerTest, ASuccessBetweenFailuresStartsTheCountAgain) {
  breaker_.failed(now_);
  breaker_.failed(now_);
  EXPECT_EQ(breaker_.succeeded(), Change::none);
  breaker_.failed(now_);
  EXPECT_EQ(breaker_.failed(now_), Change::none);
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(CircuitBreakerTest, LetsOneRequestTryAfterAWhile) {
  open();
  now_ += milliseconds(999);
  EXPECT_FALSE(breaker_.allow(now_));
  now_ += milliseconds(1);
  EXPECT_TRUE(breaker_.allow(now_));
  EXPECT_FALSE(breaker_.allow(now_));
}

TEST_F(CircuitBreakerTest, ClosesWhenTheTrySucceeds) {
  open();
  now_ += milliseconds(1'000);
  ASSERT_TRUE(breaker_.allow(now_));
  EXPECT_EQ(breaker_.succeeded(), Change::closed);
  EXPECT_TRUE(breaker_.allow(now_));
  breaker_.failed(now_);
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(CircuitBreakerTest, StaysOpenForAsLongAgainWhenTheTryFails) {
  open();
  now_ += milliseconds(1'000);
  ASSERT_TRUE(breaker_.allow(now_));
  EXPECT_EQ(breaker_.failed(now_), Change::none);
  now_ += milliseconds(999);
  EXPECT_FALSE(breaker_.allow(now_));
  now_ += milliseconds(1);
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(CircuitBreakerTest, AFailureOfAnEarlierRequestKeepsItOpenNoLonger) {
  open();
  now_ += milliseconds(900);
  EXPECT_EQ(breaker_.failed(now_), Change::none);
  now_ += milliseconds(100);
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST_F(CircuitBreakerTest, AnAbandonedTryMakesRoomForAnother) {
  open();
  now_ += milliseconds(1'000);
  ASSERT_TRUE(breaker_.allow(now_));
  breaker_.abandoned();
  EXPECT_TRUE(breaker_.allow(now_));
}

TEST(CircuitBreakerOptions, NamesEachFault) {
  EXPECT_TRUE(CircuitBreakerOptions{}.validate().empty());
  const CircuitBreakerOptions wrong{.failures = 0, .open_for = milliseconds(0)};
  EXPECT_EQ(wrong.validate(),
            (std::vector<std::string>{"failures: must be at least 1.",
                                      "open_for: must be over 0 and at most 1h."}));
}

}  // namespace
}  // namespace wscast::program
