#include "auth/jwks_schedule.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class JwksScheduleTest : public testing::Test {
 protected:
  void fetch(bool good) {
    schedule_.started(now_);
    schedule_.finished(good, now_);
  }

  double random_ = 0;
  JwksSchedule::Time now_{std::chrono::hours(1'000)};
  JwksSchedule schedule_{{.url = "https://a/jwks"}, [this] { return random_; }};
};

TEST_F(JwksScheduleTest, TheFirstFetchIsDueAtOnce) {
  EXPECT_LE(schedule_.due(), now_);
}

TEST_F(JwksScheduleTest, ThenEveryTenMinutesUpToATenthLess) {
  fetch(true);
  EXPECT_EQ(schedule_.due(), now_ + minutes(10));
  random_ = 1;
  fetch(true);
  EXPECT_EQ(schedule_.due(), now_ + minutes(9));
}

TEST_F(JwksScheduleTest, AfterAFailureSooner) {
  random_ = 1;
  fetch(false);
  EXPECT_EQ(schedule_.due(), now_ + seconds(30));
  for (int i = 0; i < 10; ++i) fetch(false);
  EXPECT_EQ(schedule_.due(), now_ + minutes(10));
  fetch(true);
  fetch(false);
  EXPECT_EQ(schedule_.due(), now_ + seconds(30));
}

TEST_F(JwksScheduleTest, OnDemandAtMostOnceInHalfAMinute) {
  fetch(true);
  EXPECT_FALSE(schedule_.demand(now_));
  now_ += milliseconds(29'999);
  EXPECT_FALSE(schedule_.demand(now_));
  now_ += milliseconds(1);
  EXPECT_TRUE(schedule_.demand(now_));
  EXPECT_EQ(schedule_.due(), now_);
  fetch(true);
  EXPECT_FALSE(schedule_.demand(now_));
}

TEST_F(JwksScheduleTest, ADemandWaitsForTheFetchUnderWay) {
  EXPECT_TRUE(schedule_.demand(now_));
  schedule_.started(now_);
  EXPECT_TRUE(schedule_.demand(now_));
  schedule_.finished(false, now_);
  EXPECT_FALSE(schedule_.demand(now_));
}

TEST(JwksRefreshOptions, NamesEachFault) {
  EXPECT_THAT(JwksRefreshOptions{.url = "https://a/jwks"}.validate(), testing::IsEmpty());
  const JwksRefreshOptions wrong{.url = "a",
                                 .refresh = milliseconds(1),
                                 .min_interval = milliseconds(0),
                                 .timeout = milliseconds(0)};
  EXPECT_THAT(wrong.validate(),
              testing::ElementsAre(testing::StartsWith("url: "), testing::StartsWith("refresh: "),
                                   testing::StartsWith("min_interval: "),
                                   testing::StartsWith("timeout: ")));
}

}  // namespace
}  // namespace wscast::program
