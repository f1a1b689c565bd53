#include "api/metrics_text.h"

#include <array>
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

bool has_line(const std::string& text, const std::string& line) {
  return count_of(text, "\n" + line + "\n") == 1;
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
  Metrics metrics{.publishes_over_room_rate = 5, .api_connections_refused = 6};
  metrics.token_rejections[static_cast<std::size_t>(JwtRejection::expired)] = 4;
  metrics.stats.counters[static_cast<std::size_t>(Counter::closed_idle)] = 3;
  metrics.stats.shards = {{.connections = 1}, {.connections = 2}};
  const std::string text = metrics_text(metrics);
  EXPECT_EQ(count_of(text, "\nwscast_clients_closed_total{cause=\"idle\"} 3\n"), 1u);
  EXPECT_EQ(count_of(text, "\n# TYPE wscast_clients_closed_total counter\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_shard_connections{shard=\"1\"} 2\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_room_rate_refusals_total 5\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_api_connections_refused_total 6\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_token_rejections_total{reason=\"expired\"} 4\n"), 1u);
  EXPECT_EQ(count_of(text, "\nwscast_token_rejections_total{reason=\"signature\"} 0\n"), 1u);
}

TEST(MetricsText, AHistogramCountsAllUpToEachBound) {
  constexpr auto kBounds = std::to_array<std::uint64_t>({50'000, 2'500'000'000});
  Metrics metrics;
  metrics.measured.delivery_ns = Distribution(kBounds);
  for (const std::uint64_t time : {10'000, 20'000, 1'000'000}) {
    metrics.measured.delivery_ns.add(time);
  }
  metrics.measured.delivery_ns.add(3'000'000'000);
  const std::string text = metrics_text(metrics);
  EXPECT_TRUE(has_line(text, R"(wscast_delivery_seconds_bucket{le="0.00005"} 2)")) << text;
  EXPECT_TRUE(has_line(text, R"(wscast_delivery_seconds_bucket{le="2.5"} 3)"));
  EXPECT_TRUE(has_line(text, R"(wscast_delivery_seconds_bucket{le="+Inf"} 4)"));
  EXPECT_TRUE(has_line(text, "wscast_delivery_seconds_sum 3.00103"));
  EXPECT_TRUE(has_line(text, "wscast_delivery_seconds_count 4"));
}

TEST(MetricsText, AHistogramOfAHookHasItsName) {
  constexpr auto kBounds = std::to_array<std::uint64_t>({1'000'000'000});
  Metrics metrics;
  metrics.measured.hooks.push_back({.hook = "message", .time_ns = Distribution(kBounds)});
  const std::string text = metrics_text(metrics);
  EXPECT_TRUE(has_line(text, R"(wscast_hook_seconds_bucket{hook="message",le="1"} 0)")) << text;
  EXPECT_TRUE(has_line(text, R"(wscast_hook_seconds_count{hook="message"} 0)"));
}

TEST(MetricsText, WithoutRedisThereIsNoSampleOfIt) {
  Metrics metrics;
  EXPECT_EQ(metrics_text(metrics).find("wscast_redis_connected{"), std::string::npos);
  metrics.measured.backplane = {
      .reaches_others = true, .subscribes = true, .round_trip_ns = 2'000'000};
  const std::string text = metrics_text(metrics);
  EXPECT_TRUE(has_line(text, R"(wscast_redis_connected{connection="publish"} 0)"));
  EXPECT_TRUE(has_line(text, R"(wscast_redis_connected{connection="subscribe"} 1)"));
  EXPECT_TRUE(has_line(text, "wscast_redis_round_trip_seconds 0.002"));
}

}  // namespace
}  // namespace wscast::program
