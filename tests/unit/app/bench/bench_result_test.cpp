#include "bench/bench_result.h"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace wscast::program {
namespace {

using namespace std::chrono_literals;

BenchPlan plan(const std::string& mode, std::size_t rate = 0) {
  return plan_bench(
      {.mode = mode, .url = "ws://h:1/ws?secret=1", .redis = {}, .rate = rate, .pid = 1});
}

BenchResult result() {
  return {
      .lasted = 2s,
      .messages = 400'000,
      .published = 400,
      .latency = BenchResult::Latency{.p50 = 950us, .p99 = 12'340us, .p999 = 123ms, .max = 1'500ms},
      .server_cpu = 1s,
      .bytes_per_connection = 1'234.4,
      .generator_cpu = 0.5};
}

TEST(BenchResultTest, TextHasARowForEach) {
  EXPECT_EQ(result_text(plan("fanout"), result()),
            "fanout at ws://h:1/ws in a room of 1,000, 64 bytes, 1 in flight, 2.0 s\n"
            "  messages            400,000, 200,000 a second\n"
            "  latency             p50 950 us, p99 12.34 ms, p99.9 123 ms, max 1.50 s\n"
            "  server CPU          2.50 us a message, 50 % of a core\n"
            "  server memory       1,234 bytes a connection\n"
            "  load generator      50 % of a core\n");
}

TEST(BenchResultTest, AtARateLatenciesCountFromWhenMessagesWereDue) {
  const std::string text = result_text(plan("fanout", 200), result());
  EXPECT_NE(text.find("64 bytes, 200 a second, 2.0 s"), std::string::npos) << text;
  EXPECT_NE(text.find("max 1.50 s, from when each was due"), std::string::npos) << text;
}

TEST(BenchResultTest, WhatIsMissingHasNoRow) {
  const std::string text = result_text(plan("echo"), {.lasted = 1s});
  for (const char* row : {"latency", "server", "lost", "notices"}) {
    EXPECT_EQ(text.find(row), std::string::npos) << text;
  }
}

TEST(BenchResultTest, SaysThatTheGeneratorWasTheLimit) {
  BenchResult busy = result();
  EXPECT_FALSE(busy.generator_was_limit());
  EXPECT_EQ(result_text(plan("echo"), busy).find("limit"), std::string::npos);
  busy.generator_cpu = 0.95;
  EXPECT_TRUE(busy.generator_was_limit());
  EXPECT_NE(result_text(plan("echo"), busy).find("was the limit: it used 95 % of a core."),
            std::string::npos);
}

TEST(BenchResultTest, SoIsAGeneratorThatWaitedForACore) {
  BenchResult crowded = result();
  crowded.generator_waited = 0.45;
  EXPECT_TRUE(crowded.generator_was_limit());
  EXPECT_NE(result_text(plan("echo"), crowded)
                .find("it ran 50 % of the time and waited for a core 45 %."),
            std::string::npos);
}

TEST(BenchResultTest, SoIsOneThatFellBehindItsRate) {
  BenchResult late = result();
  late.late = 0.01;
  EXPECT_FALSE(late.generator_was_limit());
  late.late = 0.2;
  EXPECT_TRUE(late.generator_was_limit());
  EXPECT_NE(
      result_text(plan("echo", 9), late).find("20 % of the messages were sent over 10 ms late"),
      std::string::npos);
}

TEST(BenchResultTest, JsonHasTheNumbers) {
  const auto json = nlohmann::json::parse(result_json(plan("fanout"), result()));
  EXPECT_EQ(json["mode"], "fanout");
  EXPECT_EQ(json["url"], "ws://h:1/ws");
  EXPECT_EQ(json["clients"], 1'000);
  EXPECT_EQ(json["inFlight"], 1);
  EXPECT_FALSE(json.contains("rate"));
  EXPECT_EQ(json["seconds"], 2.0);
  EXPECT_EQ(json["messages"], 400'000);
  EXPECT_EQ(json["messagesPerSecond"], 200'000);
  EXPECT_EQ(json["latencyUs"],
            nlohmann::json({{"p50", 950.0}, {"p99", 12'340.0}, {"p999", 123e3}, {"max", 1.5e6}}));
  EXPECT_EQ(json["serverCpuUsPerMessage"], 2.5);
  EXPECT_EQ(json["serverCpu"], 0.5);
  EXPECT_EQ(json["serverBytesPerConnection"], 1'234);
  EXPECT_EQ(json["generatorCpu"], 0.5);
  EXPECT_EQ(json["generatorWasLimit"], false);
}

TEST(BenchResultTest, JsonOfIdleHasOnlyWhatItMeasures) {
  BenchResult idle{.lasted = 1s, .bytes_per_connection = 333};
  const auto json = nlohmann::json::parse(result_json(plan("idle"), idle));
  EXPECT_EQ(json, nlohmann::json({{"mode", "idle"},
                                  {"url", "ws://h:1/ws"},
                                  {"clients", 1'000},
                                  {"seconds", 1.0},
                                  {"serverBytesPerConnection", 333}}));
}

}  // namespace
}  // namespace wscast::program
