#include "server/incident_log.h"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

namespace wscast::server {
namespace {

Stats with(Counter counter, std::uint64_t value) {
  Stats stats;
  stats.counters[static_cast<std::size_t>(counter)] = value;
  return stats;
}

TEST(Incidents, OneLineForEachKindSaysHowOftenAndByWhichCounter) {
  const auto found = incidents_between(with(Counter::dropped_backpressure, 5),
                                       with(Counter::dropped_backpressure, 42));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].level, LogLevel::warning);
  EXPECT_EQ(found[0].text,
            "37 messages dropped for clients that read too slowly, over backpressure_limit "
            "(dropped_backpressure)");
}

TEST(Incidents, WhatIsNormalOrOldIsNoLine) {
  const Stats old = with(Counter::closed_slow_consumer, 3);
  EXPECT_TRUE(incidents_between(old, old).empty());
  EXPECT_TRUE(incidents_between({}, with(Counter::closed_by_peer, 1'000)).empty());
  EXPECT_TRUE(incidents_between({}, with(Counter::publishes_ok, 1'000)).empty());
}

TEST(Incidents, WhatTheApplicationRefusesHasALine) {
  const auto found = incidents_between({}, with(Counter::http_handovers_refused, 2));
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].level, LogLevel::warning);
  EXPECT_EQ(found[0].text,
            "2 HTTP requests closed without a response, more than the application takes "
            "(http_handovers_refused)");
}

TEST(Incidents, EachDropOfMessagesHasALine) {
  for (const auto counter :
       {Counter::dropped_backpressure, Counter::dropped_late, Counter::dropped_overloaded,
        Counter::transform_failures, Counter::rate_limited, Counter::gap_notices}) {
    EXPECT_EQ(incidents_between({}, with(counter, 1)).size(), 1u) << to_string(counter);
  }
}

}  // namespace
}  // namespace wscast::server
