#include "broker/redis/broker_faults.h"

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using Cause = BrokerFaults::Cause;

TEST(BrokerFaultsTest, EachCauseHasOneSentenceUntilItEnds) {
  BrokerFaults faults;
  EXPECT_EQ(faults.text(), "");
  faults.set(Cause::probe_refused, "refused");
  faults.set(Cause::publish_connection, "first");
  EXPECT_EQ(faults.text(), "first; refused");
  faults.set(Cause::publish_connection, "second");
  EXPECT_EQ(faults.text(), "second; refused");
  EXPECT_EQ(faults.of(Cause::publish_connection), "second");
  faults.set(Cause::probe_refused, "");
  EXPECT_EQ(faults.text(), "second");
}

TEST(BrokerFaultsTest, ASentenceOfTwoCausesIsThereOnce) {
  BrokerFaults faults;
  faults.set(Cause::publish_connection, "lost");
  faults.set(Cause::subscribe_connection, "lost");
  EXPECT_EQ(faults.text(), "lost");
  faults.set(Cause::publish_connection, "");
  EXPECT_EQ(faults.text(), "lost");
}

}  // namespace
}  // namespace wscast::redis
