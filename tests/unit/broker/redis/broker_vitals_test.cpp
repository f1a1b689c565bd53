#include "broker/redis/broker_vitals.h"

#include <chrono>

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;

TEST(BrokerVitalsTest, BeforeTheFirstProbeIsBackThereAreNoTimes) {
  BrokerVitals vitals;
  const BackplaneState state = vitals.state(SteadyTime(milliseconds(5)));
  EXPECT_TRUE(state.reaches_others);
  EXPECT_FALSE(state.publishes || state.subscribes);
  EXPECT_FALSE(state.round_trip_ns || state.silence_ns);
}

TEST(BrokerVitalsTest, TheSilenceLastsSinceTheLastProbe) {
  BrokerVitals vitals;
  vitals.set_publishes(true);
  vitals.on_probe(milliseconds(3), SteadyTime(milliseconds(100)));
  const BackplaneState state = vitals.state(SteadyTime(milliseconds(140)));
  EXPECT_TRUE(state.publishes);
  EXPECT_FALSE(state.subscribes);
  EXPECT_EQ(state.round_trip_ns, 3'000'000u);
  EXPECT_EQ(state.silence_ns, 40'000'000u);
  EXPECT_EQ(vitals.state(SteadyTime(milliseconds(99))).silence_ns, 0u) << "it came meanwhile";
}

}  // namespace
}  // namespace wscast::redis
