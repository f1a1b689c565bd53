#include "loss_report.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

TEST(LossReport, ReportsTheFirstLossAtOnceAndThenOnceAMinute) {
  LossReport report;
  LossReport::Time now{std::chrono::hours(1)};
  EXPECT_EQ(report.take(0, now), 0U);
  EXPECT_EQ(report.take(5, now), 5U);
  EXPECT_EQ(report.take(5, now), 0U);
  EXPECT_FALSE(report.due());
  now += seconds(20);
  EXPECT_EQ(report.take(7, now), 0U);
  EXPECT_EQ(report.due(), now + seconds(40));
  now += seconds(40);
  EXPECT_EQ(report.take(9, now), 4U);
  EXPECT_FALSE(report.due());
}

TEST(LossReport, AtTheEndWhatWasNotReportedIsTaken) {
  LossReport report;
  const LossReport::Time now{std::chrono::hours(1)};
  report.take(5, now);
  report.take(7, now);
  EXPECT_EQ(report.take_rest(7), 2U);
  EXPECT_EQ(report.take_rest(7), 0U);
}

}  // namespace
}  // namespace wscast::program
