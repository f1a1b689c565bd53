#include "wscast/stats.h"

#include <set>

#include <gtest/gtest.h>

#include "base/counters.h"

namespace wscast {
namespace {

TEST(Stats, EveryCounterHasANameOfItsOwn) {
  std::set<std::string_view> names;
  for (std::size_t i = 0; i < kCounters; ++i) names.insert(to_string(static_cast<Counter>(i)));
  EXPECT_EQ(names.size(), kCounters);
  EXPECT_FALSE(names.contains("unknown"));
}

TEST(Stats, SumsTheCountersOfSeveralShards) {
  Counters one;
  Counters other;
  one.add(Counter::upgrades);
  other.add(Counter::upgrades, 4);
  Stats stats;
  one.add_to(stats);
  other.add_to(stats);
  EXPECT_EQ(stats[Counter::upgrades], 5u);
  EXPECT_EQ(stats[Counter::http_not_found], 0u);
}

}  // namespace
}  // namespace wscast
