#include "api/metrics_text.h"

#include <cstddef>
#include <string>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

std::size_t count_of(const std::string& text, const std::string& part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++count;
  return count;
}

TEST(MetricsText, EachCounterIsInItOnce) {
  Metrics metrics;
  for (std::size_t i = 0; i < kCounters; ++i) metrics.stats.counters[i] = 1'000'000 + i;
  const std::string text = metrics_text(metrics);
  for (std::size_t i = 0; i < kCounters; ++i) {
    EXPECT_EQ(count_of(text, " " + std::to_string(1'000'000 + i) + "\n"), 1u)
        << to_string(static_cast<Counter>(i));
  }
}

TEST(MetricsText, CausesAreLabels) {
  Metrics metrics{.publishes_over_room_rate = 5};
  metrics.stats.counters[static_cast<std::size_t>(Counter::closed_idle)] = 3;
  metrics.stats.shards = {{.connections = 1}, {.connections = 2}};
  const std::string text = metrics_text(metrics);
  EXPECT_EQ(count_of(text, "\nwscast_clients_closed_total{cause=\"idle\"} 3\n"), 1u);
  EXPECT_EQ(count_of(text, "\n# TYPE wscast_clients_closed_total counter\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_shard_connections{shard=\"1\"} 2\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_room_rate_refusals_total 5\n"), 1u);
}

}  // namespace
}  // namespace wscast::program
