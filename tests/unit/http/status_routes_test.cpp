#include "http/status_routes.h"

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "fake_node_view.h"

namespace wscast::http {
namespace {

class StatusRoutesTest : public testing::Test {
 protected:
  HttpOptions options_{.pages = {}, .health = true, .ready = true, .stats = true};
  FakeNodeView node_;
  StatusRoutes routes_{options_, node_};
};

TEST_F(StatusRoutesTest, HealthIs200WhileTheShardsRun) {
  EXPECT_EQ(routes_.find("/health")->head.status, 200);
  node_.is_healthy = false;
  EXPECT_EQ(routes_.find("/health")->head.status, 503);
}

TEST_F(StatusRoutesTest, ReadySaysWhyNot) {
  EXPECT_EQ(routes_.find("/ready")->head.status, 200);
  node_.reason = "shutting down";
  const auto response = routes_.find("/ready");
  EXPECT_EQ(response->head.status, 503);
  EXPECT_EQ(response->body, "shutting down\n");
}

TEST_F(StatusRoutesTest, StatsIsOneJsonObjectWithEveryCounterByName) {
  node_.numbers.connections = 3;
  node_.numbers.shards = {{.connections = 1}, {.connections = 2, .inbox_bytes = 7}};
  node_.numbers.counters[static_cast<std::size_t>(Counter::slow_hooks)] = 5;
  const std::string body = routes_.find("/stats")->body;
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

TEST_F(StatusRoutesTest, WhatIsOffIsNotThere) {
  options_ = {};
  for (const char* path : {"/health", "/ready", "/stats", "/other"}) {
    EXPECT_FALSE(routes_.find(path)) << path;
  }
}

}  // namespace
}  // namespace wscast::http
