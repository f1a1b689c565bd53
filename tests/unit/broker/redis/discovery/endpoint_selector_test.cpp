#include "broker/redis/discovery/endpoint_selector.h"

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "unit/broker/redis/fixed_random.h"

namespace wscast::redis {
namespace {

using testing::ElementsAre;

RedisUrl url_of(RedisUrl::Kind kind, std::initializer_list<const char*> hosts) {
  RedisUrl url;
  url.kind = kind;
  for (const char* host : hosts) url.hosts.push_back({.name = host, .port = 1});
  return url;
}

/// All that is left of the attempt, `?` before a Sentinel.
std::vector<std::string> rest_of(EndpointSelector& selector) {
  std::vector<std::string> names;
  while (const auto step = selector.next()) {
    names.push_back((step->is_sentinel ? "?" : "") + step->host.name);
  }
  return names;
}

std::vector<std::string> attempt(EndpointSelector& selector) {
  selector.begin();
  return rest_of(selector);
}

TEST(EndpointSelectorTest, ASingleRedisIsTriedOncePerAttempt) {
  FixedRandom random(5);
  const RedisUrl url = url_of(RedisUrl::Kind::single, {"a"});
  EndpointSelector selector(url, random);
  EXPECT_THAT(attempt(selector), ElementsAre("a"));
  EXPECT_THAT(attempt(selector), ElementsAre("a"));
}

TEST(EndpointSelectorTest, AClusterBeginsWithAnyNodeAndTriesAll) {
  FixedRandom random(1);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a", "b", "c"});
  EndpointSelector selector(url, random);
  EXPECT_THAT(attempt(selector), ElementsAre("b", "c", "a"));
  EXPECT_THAT(attempt(selector), ElementsAre("c", "a", "b"));
}

TEST(EndpointSelectorTest, ANodeThatWasLostIsTriedLast) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a", "b", "c"});
  EndpointSelector selector(url, random);
  selector.begin();
  selector.next();
  selector.next();
  selector.on_connected();  // "b"
  selector.on_lost();
  EXPECT_THAT(attempt(selector), ElementsAre("c", "a", "b"));
}

TEST(EndpointSelectorTest, SentinelsAreAskedInTurnUntilOneNamesAMaster) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::sentinel, {"s1", "s2"});
  EndpointSelector selector(url, random);
  EXPECT_THAT(attempt(selector), ElementsAre("?s1", "?s2"));
  selector.begin();
  EXPECT_EQ(selector.next()->host.name, "s2");  // The other one first, after a failure.
  selector.set_master({.name = "m", .port = 2});
  const auto step = selector.next();
  ASSERT_TRUE(step);
  EXPECT_FALSE(step->is_sentinel);
  EXPECT_EQ(step->host, (Host{.name = "m", .port = 2}));
}

TEST(EndpointSelectorTest, AMasterThatFailedIsNotTriedAgainInTheSameAttempt) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::sentinel, {"s1", "s2", "s3"});
  EndpointSelector selector(url, random);
  selector.begin();
  selector.next();
  selector.set_master({.name = "old", .port = 2});
  EXPECT_EQ(selector.next()->host.name, "old");
  EXPECT_EQ(selector.next()->host.name, "s2");
  selector.set_master({.name = "old", .port = 2});
  EXPECT_EQ(selector.next()->host.name, "s3");
  selector.set_master({.name = "new", .port = 2});
  EXPECT_THAT(rest_of(selector), ElementsAre("new"));
}

TEST(EndpointSelectorTest, TheSentinelThatLedToAMasterIsAskedFirstNextTime) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::sentinel, {"s1", "s2", "s3"});
  EndpointSelector selector(url, random);
  selector.begin();
  selector.next();
  selector.next();
  selector.set_master({.name = "m", .port = 2});
  selector.next();
  selector.on_connected();
  selector.on_lost();
  EXPECT_THAT(attempt(selector), ElementsAre("?s2", "?s3", "?s1"));
}

std::vector<Host> nodes(std::initializer_list<const char*> names) {
  std::vector<Host> hosts;
  for (const char* name : names) hosts.push_back({.name = name, .port = 1});
  return hosts;
}

TEST(EndpointSelectorTest, NodesThatTheClusterNamedComeBehindTheUrls) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a"});
  EndpointSelector selector(url, random);
  selector.begin();
  selector.next();
  selector.on_connected();
  selector.set_nodes(nodes({"a", "b", "c"}));
  selector.on_lost();
  selector.begin();
  EXPECT_EQ(selector.next()->host.name, "a");
  const std::string other = selector.next()->host.name;
  EXPECT_THAT(other, testing::AnyOf("b", "c"));
  selector.on_connected();
  EXPECT_EQ(attempt(selector).front(), other) << "the one that served comes first";
  selector.begin();
  selector.next();
  selector.on_connected();
  selector.on_lost();
  EXPECT_EQ(attempt(selector).front(), "a") << "one that was lost does not";
}

TEST(EndpointSelectorTest, AFewNodesHaveTheirTurnInOneAttemptAndOthersInTheNext) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a"});
  EndpointSelector selector(url, random);
  selector.set_nodes(nodes({"1", "2", "3", "4", "5", "6"}));
  std::set<std::string> tried;
  for (int i = 0; i < 2; ++i) {
    const auto names = attempt(selector);
    EXPECT_EQ(names.size(), 1 + EndpointSelector::kMaxNodesPerAttempt);
    EXPECT_EQ(names.front(), "a");
    tried.insert(names.begin(), names.end());
  }
  EXPECT_EQ(tried.size(), 7u);
}

TEST(EndpointSelectorTest, WithoutAnyNodesItKeepsThoseThatItKnows) {
  FixedRandom random(0);
  const RedisUrl url = url_of(RedisUrl::Kind::cluster, {"a"});
  EndpointSelector selector(url, random);
  selector.set_nodes(nodes({"b"}));
  selector.set_nodes({});
  EXPECT_THAT(attempt(selector), ElementsAre("a", "b"));
  selector.set_nodes(nodes({"c"}));
  EXPECT_THAT(attempt(selector), ElementsAre("a", "c"));
}

}  // namespace
}  // namespace wscast::redis
