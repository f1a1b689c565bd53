// What the doctor thinks of what it was told.

#include <algorithm>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include "doctor/clock_checks.h"
#include "doctor/redis_checks.h"
#include "doctor/system_checks.h"

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using Level = Finding::Level;

const Finding& named(const Findings& findings, const std::string& check) {
  static const Finding none{.level = Level::error, .check = "none"};
  const auto found = std::ranges::find(findings, check, &Finding::check);
  return found == findings.end() ? none : *found;
}

TEST(Finding, IsOneLine) {
  const Finding finding{.level = Level::warning, .check = "a b", .what = "x\n\u009by", .mend = "z"};
  EXPECT_EQ(finding_text(finding), "warning a b: x\\x0a\\xc2\\x9by; z");
  EXPECT_EQ(
      nlohmann::json::parse(finding_json(finding)),
      nlohmann::json::parse(R"({"level":"warning","check":"a b","what":"x\n\u009by","mend":"z"})"));
  EXPECT_EQ(finding_text({.check = "c", .what = "w"}), "ok      c: w");
}

TEST(Finding, OnlyErrorsAreErrors) {
  EXPECT_FALSE(has_error({{.level = Level::ok}, {.level = Level::warning}}));
  EXPECT_TRUE(has_error({{.level = Level::ok}, {.level = Level::error}}));
}

TEST(SystemChecks, OpenFilesMustSufficeForTheConnections) {
  const auto level = [](std::size_t files, std::size_t connections) {
    return check_system({.open_files = files}, {.connections = connections}).front().level;
  };
  EXPECT_EQ(level(20'000, 0), Level::ok);
  EXPECT_EQ(level(20'000, 19'000), Level::ok);
  EXPECT_EQ(level(20'000, 20'000), Level::error);
  EXPECT_EQ(level(1'024, 0), Level::warning);
  EXPECT_EQ(level(1'024, 2'000), Level::error);
}

TEST(SystemChecks, WhatIsNotThereIsNotLookedAt) {
  EXPECT_EQ(check_system({.open_files = 20'000}, {.local_proxy = true, .local_redis = true}).size(),
            1u);
}

TEST(SystemChecks, KernelLimits) {
  const SystemFacts small{.open_files = 100'000,
                          .somaxconn = 128,
                          .syn_backlog = 128,
                          .local_ports = 28'232,
                          .tracked_connections = 8'192,
                          .overcommit = 0};
  const SystemNeeds needs{.connections = 50'000, .local_proxy = true, .local_redis = true};
  for (const Finding& finding : check_system(small, needs)) {
    if (finding.check == "open files") continue;
    EXPECT_EQ(finding.level, Level::warning) << finding.check;
    EXPECT_NE(finding.mend, "") << finding.check;
  }
  const SystemFacts large{.open_files = 100'000,
                          .somaxconn = 4'096,
                          .syn_backlog = 4'096,
                          .local_ports = 64'000,
                          .tracked_connections = 262'144,
                          .overcommit = 1};
  for (const Finding& finding : check_system(large, needs)) {
    EXPECT_EQ(finding.level, Level::ok) << finding.check;
  }
  EXPECT_EQ(check_system(small, {}).size(), 4u) << "ports and overcommit are nobody's";
}

TEST(SystemChecks, ReadsARangeOfPorts) {
  EXPECT_EQ(port_count("32768\t60999"), 28'232u);
  EXPECT_EQ(port_count("5 4"), std::nullopt);
  EXPECT_EQ(port_count(""), std::nullopt);
}

TEST(SystemChecks, IoUringIsNeededOnlyByWhoAsksForIt) {
  const auto finding = [](const std::string& fault, Io io) {
    return named(check_system({.open_files = 20'000, .io_uring = fault}, {.io = io}), "io_uring");
  };
  EXPECT_EQ(finding("", Io::automatic).what, "available: one system call writes to many clients");
  EXPECT_EQ(finding("", Io::uring).level, Level::ok);
  EXPECT_EQ(finding("", Io::epoll).what, "available; not used, by io = epoll");
  EXPECT_EQ(finding("no", Io::automatic).level, Level::ok);
  EXPECT_EQ(finding("no", Io::automatic).what,
            "not available (no): the server uses epoll alone, at a few percent more CPU in large "
            "rooms");
  EXPECT_EQ(finding("no", Io::epoll).level, Level::ok);
  EXPECT_EQ(finding("no", Io::uring).level, Level::error);
  EXPECT_EQ(finding("no", Io::uring).what,
            "not available (no): the server does not start with io = uring");
  EXPECT_NE(finding("no", Io::uring).mend, "");
}

TEST(SystemChecks, ThisMachineHasLimits) {
  EXPECT_GT(read_system_facts().open_files, 0u);
}

TEST(ClockChecks, TheClockMustBeAfterTheBuild) {
  const std::chrono::system_clock::time_point built{1'000'000s};
  EXPECT_EQ(check_clock(built, built).level, Level::ok);
  EXPECT_EQ(check_clock(built - 1s, built).level, Level::error);
}

TEST(ClockChecks, RedisMayBeAheadOrBehind) {
  for (const int sign : {1, -1}) {
    EXPECT_EQ(check_redis_clock(sign * 900ms).level, Level::ok);
    EXPECT_EQ(check_redis_clock(sign * 2'000ms).level, Level::warning);
    EXPECT_EQ(check_redis_clock(sign * 60'000ms).level, Level::error);
  }
  EXPECT_EQ(check_redis_clock(-60s).what, "60s behind this machine's: one of them is wrong");
}

RedisFacts good_redis() {
  return {.peer = "r:6379",
          .info = {{"redis_version", "7.0.15"},
                   {"redis_mode", "standalone"},
                   {"connected_clients", "10"},
                   {"cluster_enabled", "0"}},
          .settings = {{"client-output-buffer-limit", "normal 0 0 0 pubsub 33554432 8388608 60"},
                       {"maxclients", "10000"},
                       {"timeout", "0"}},
          .clock_ahead = 3ms,
          .refusals = {{"PUBLISH", ""}, {"SUBSCRIBE", ""}}};
}

Level level_of(const RedisFacts& facts, const std::string& check,
               const RedisOptions& options = {}) {
  return named(check_redis(facts, options), check).level;
}

TEST(RedisChecks, AGoodOneIsOk) {
  for (const Finding& finding : check_redis(good_redis(), {})) {
    EXPECT_EQ(finding.level, Level::ok) << finding_text(finding);
  }
}

TEST(RedisChecks, OneThatIsNotReachedIsOneError) {
  const Findings findings = check_redis({.failure = "x:1: Connection refused"}, {});
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings.front().level, Level::error);
}

TEST(RedisChecks, Versions) {
  RedisFacts facts = good_redis();
  facts.info["redis_version"] = "4.0.14";
  EXPECT_EQ(level_of(facts, "Redis version"), Level::error);
  facts.info["valkey_version"] = "8.0.1";
  EXPECT_EQ(level_of(facts, "Redis version"), Level::ok);
}

TEST(RedisChecks, Settings) {
  const auto with = [](const std::string& name, const std::string& value) {
    RedisFacts facts = good_redis();
    facts.settings[name] = value;
    return facts;
  };
  const std::string buffer = "Redis client-output-buffer-limit pubsub";
  const std::string limit = "client-output-buffer-limit";
  EXPECT_EQ(level_of(with(limit, "pubsub 0 0 0"), buffer), Level::warning);
  EXPECT_EQ(level_of(with(limit, "pubsub 1048576 0 0"), buffer), Level::warning);
  RedisOptions long_messages;
  long_messages.max_publish_bytes = 16 * 1024 * 1024;
  EXPECT_EQ(level_of(good_redis(), buffer, long_messages), Level::warning);
  EXPECT_EQ(level_of(with("maxclients", "12"), "Redis maxclients"), Level::warning);
  EXPECT_EQ(level_of(with("timeout", "1"), "Redis timeout"), Level::warning);
  EXPECT_EQ(level_of(with("timeout", "300"), "Redis timeout"), Level::ok);
}

TEST(RedisChecks, WhatTheUserMayNotAskIsOneWarning) {
  RedisFacts facts = good_redis();
  facts.info.clear();
  facts.settings.clear();
  const Findings findings = check_redis(facts, {});
  EXPECT_EQ(named(findings, "Redis settings").level, Level::warning);
  EXPECT_EQ(std::ranges::count(findings, Level::ok, &Finding::level),
            static_cast<std::ptrdiff_t>(findings.size()) - 1);
}

TEST(RedisChecks, Rights) {
  RedisFacts facts = good_redis();
  facts.refusals["PUBLISH"] = "ws:probe:x: NOPERM";
  EXPECT_EQ(level_of(facts, "Redis PUBLISH"), Level::error);
  EXPECT_EQ(level_of(facts, "Redis SUBSCRIBE"), Level::ok);
}

TEST(RedisChecks, AClusterIsUsedAsOne) {
  RedisFacts facts = good_redis();
  facts.info["cluster_enabled"] = "1";
  EXPECT_EQ(level_of(facts, "Redis mode"), Level::warning);
  RedisOptions options;
  options.url = "redis-cluster://a,b";
  facts.cluster_state = "ok";
  EXPECT_EQ(level_of(facts, "Redis mode", options), Level::ok);
  facts.cluster_state = "fail";
  EXPECT_EQ(level_of(facts, "Redis mode", options), Level::error);
}

TEST(RedisChecks, KnowsALocalOne) {
  for (const char* url : {"redis://127.0.0.1:6379", "redis://u:p@localhost/1", "unix:///run/redis",
                          "rediss://[::1]:6379", "redis://:127.9@127.0.0.1"}) {
    EXPECT_TRUE(is_local_redis(url)) << url;
  }
  for (const char* url : {"", "redis://redis.test:6379", "redis://127.0.0.1@redis.test", "x"}) {
    EXPECT_FALSE(is_local_redis(url)) << url;
  }
}

}  // namespace
}  // namespace wscast::program
