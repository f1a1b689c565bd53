#include "http/endpoints.h"

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

namespace wscast::http {
namespace {

class FakeNode final : public NodeView {
 public:
  bool healthy() const override { return is_healthy; }
  std::string not_ready() const override { return reason; }
  Stats stats() const override { return numbers; }

  bool is_healthy = true;
  std::string reason;
  Stats numbers;
};

class EndpointsTest : public testing::Test {
 protected:
  HttpOptions options_{.pages = {}, .health = true, .ready = true, .stats = true};
  FakeNode node_;
  Endpoints endpoints_{options_, node_};
};

TEST_F(EndpointsTest, HealthIs200WhileTheShardsTurn) {
  EXPECT_EQ(endpoints_.answer("/health")->status, 200);
  node_.is_healthy = false;
  EXPECT_EQ(endpoints_.answer("/health")->status, 503);
}

TEST_F(EndpointsTest, ReadyTellsWhyNot) {
  EXPECT_EQ(endpoints_.answer("/ready")->status, 200);
  node_.reason = "shutting down";
  const auto answer = endpoints_.answer("/ready");
  EXPECT_EQ(answer->status, 503);
  EXPECT_EQ(answer->body, "shutting down\n");
}

TEST_F(EndpointsTest, StatsIsOneJsonObjectWithEveryCounterByName) {
  node_.numbers.connections = 3;
  node_.numbers.shards = {{.connections = 1}, {.connections = 2, .inbox_bytes = 7}};
  node_.numbers.counters[static_cast<std::size_t>(Counter::slow_hooks)] = 5;
  const std::string body = endpoints_.answer("/stats")->body;
  const auto fields = JsonFields::of(Json::text(body));
  ASSERT_TRUE(fields);
  EXPECT_EQ(fields->raw("connections").view(), "3");
  EXPECT_EQ(fields->raw("shards").view(),
            R"([{"connections":1,"authenticated":0,"inbox_bytes":0},)"
            R"({"connections":2,"authenticated":0,"inbox_bytes":7}])");
  const auto counters = JsonFields::of(fields->raw("counters"));
  ASSERT_TRUE(counters);
  EXPECT_EQ(counters->raw("slow_hooks").view(), "5");
  for (std::size_t i = 0; i < kCounters; ++i) {
    EXPECT_TRUE(counters->raw(to_string(static_cast<Counter>(i))).present()) << i;
  }
}

TEST_F(EndpointsTest, WhatIsOffIsNotThere) {
  options_ = {};
  for (const char* path : {"/health", "/ready", "/stats", "/other"}) {
    EXPECT_FALSE(endpoints_.answer(path)) << path;
  }
}

}  // namespace
}  // namespace wscast::http
