#include "broker/redis/locator.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using testing::ElementsAre;

/// Always the same number.
class FixedRandom : public Random {
 public:
  explicit FixedRandom(std::uint8_t number) : number_(number) {}
  void fill(std::span<std::uint8_t> out) override {
    std::ranges::fill(out, std::uint8_t{0});
    out.front() = number_;
  }

 private:
  std::uint8_t number_;
};

RedisUrl url_of(RedisUrl::Kind kind, std::initializer_list<const char*> hosts) {
  RedisUrl url;
  url.kind = kind;
  for (const char* host : hosts) url.hosts.push_back({.name = host, .port = 1});
  return url;
}

/// All that is left of the attempt, `?` before a Sentinel.
std::vector<std::string> rest_of(Locator& locator) {
  std::vector<std::string> names;
  while (const auto step = locator.next()) {
    names.push_back((step->is_sentinel ? "?" : "") + step->host.name);
  }
  return names;
}

std::vector<std::string> attempt(Locator& locator) {
  locator.begin();
  return rest_of(locator);
}

TEST(LocatorTest, ASingleRedisHasOneTurnAnAttempt) {
  FixedRandom random(5);
  const RedisUrl url = url_of(RedisUrl::Kind::single, {"a"});
  Locator locator(url, random);
  EXPECT_THAT(attempt(locator), ElementsAre("a"));
  EXPECT_THAT(attempt(locator), ElementsAre("a"));
}

TEST(LocatorTest, AClusterBeginsWithAnyNodeAndTriesAll) {
  FixedRandom random(1);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a", "b", "c"});
  Locator locator(url, random);
  EXPECT_THAT(attempt(locator), ElementsAre("b", "c", "a"));
  EXPECT_THAT(attempt(locator), ElementsAre("c", "a", "b"));
}

TEST(LocatorTest, ANodeThatWasLostIsTriedLast) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a", "b", "c"});
  Locator locator(url, random);
  locator.begin();
  locator.next();
  locator.next();
  locator.reached();  // "b"
  locator.lost();
  EXPECT_THAT(attempt(locator), ElementsAre("c", "a", "b"));
}

TEST(LocatorTest, SentinelsAreAskedInTurnUntilOneNamesAMaster) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::sentinel, {"s1", "s2"});
  Locator locator(url, random);
  EXPECT_THAT(attempt(locator), ElementsAre("?s1", "?s2"));
  locator.begin();
  EXPECT_EQ(locator.next()->host.name, "s2");  // The other one first, after a failure.
  locator.found_master({.name = "m", .port = 2});
  const auto step = locator.next();
  ASSERT_TRUE(step);
  EXPECT_FALSE(step->is_sentinel);
  EXPECT_EQ(step->host, (Host{.name = "m", .port = 2}));
}

TEST(LocatorTest, AMasterThatFailedIsNotTriedAgainInTheSameAttempt) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::sentinel, {"s1", "s2", "s3"});
  Locator locator(url, random);
  locator.begin();
  locator.next();
  locator.found_master({.name = "old", .port = 2});
  EXPECT_EQ(locator.next()->host.name, "old");
  EXPECT_EQ(locator.next()->host.name, "s2");
  locator.found_master({.name = "old", .port = 2});
  EXPECT_EQ(locator.next()->host.name, "s3");
  locator.found_master({.name = "new", .port = 2});
  EXPECT_THAT(rest_of(locator), ElementsAre("new"));
}

TEST(LocatorTest, TheSentinelThatLedToAMasterIsAskedFirstNextTime) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::sentinel, {"s1", "s2", "s3"});
  Locator locator(url, random);
  locator.begin();
  locator.next();
  locator.next();
  locator.found_master({.name = "m", .port = 2});
  locator.next();
  locator.reached();
  locator.lost();
  EXPECT_THAT(attempt(locator), ElementsAre("?s2", "?s3", "?s1"));
}

std::vector<Host> nodes(std::initializer_list<const char*> names) {
  std::vector<Host> hosts;
  for (const char* name : names) hosts.push_back({.name = name, .port = 1});
  return hosts;
}

TEST(LocatorTest, NodesThatTheClusterNamedComeBehindTheUrls) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a"});
  Locator locator(url, random);
  locator.begin();
  locator.next();
  locator.reached();
  locator.learn(nodes({"a", "b", "c"}));
  locator.lost();
  locator.begin();
  EXPECT_EQ(locator.next()->host.name, "a");
  const std::string other = locator.next()->host.name;
  EXPECT_THAT(other, testing::AnyOf("b", "c"));
  locator.reached();
  EXPECT_EQ(attempt(locator).front(), other) << "the one that served comes first";
  locator.begin();
  locator.next();
  locator.reached();
  locator.lost();
  EXPECT_EQ(attempt(locator).front(), "a") << "one that was lost does not";
}

TEST(LocatorTest, AFewNodesHaveTheirTurnInOneAttemptAndOthersInTheNext) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a"});
  Locator locator(url, random);
  locator.learn(nodes({"1", "2", "3", "4", "5", "6"}));
  std::set<std::string> tried;
  for (int i = 0; i < 2; ++i) {
    const auto names = attempt(locator);
    EXPECT_EQ(names.size(), 1 + Locator::kMaxNodesPerAttempt);
    EXPECT_EQ(names.front(), "a");
    tried.insert(names.begin(), names.end());
  }
  EXPECT_EQ(tried.size(), 7u);
}

TEST(LocatorTest, WithoutAnyNodesItKeepsThoseThatItKnows) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a"});
  Locator locator(url, random);
  locator.learn(nodes({"b"}));
  locator.learn({});
  EXPECT_THAT(attempt(locator), ElementsAre("a", "b"));
  locator.learn(nodes({"c"}));
  EXPECT_THAT(attempt(locator), ElementsAre("a", "c"));
}

}  // namespace
}  // namespace wscast::redis
