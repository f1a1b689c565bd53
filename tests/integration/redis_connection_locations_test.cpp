#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connection_world.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using test::RedisProcess;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

std::string address_reply(const RedisProcess& redis) {
  return command({"127.0.0.1", std::to_string(redis.port())});  // Two bulk strings, as it were.
}

TEST(RedisConnectionSentinelTest, AConnectionFollowsTheMasterThatSentinelElects) {
  test::SentinelGroup group(1);
  ConnectionWorld world(group.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().peer(), group.first().address());
  group.first().kill();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().peer(), group.second().address());
  EXPECT_THAT(world.ask({"ROLE"}), StartsWith("master"));
  EXPECT_THAT(world.losses().front(), StartsWith("lost " + group.first().address()));
}

TEST(RedisConnectionSentinelTest, ADemotedMasterThatStillRunsIsLeftOnAReconnect) {
  test::SentinelGroup group(3);
  group.sentinels().front()->kill();
  ConnectionWorld world(group.url());
  world.start();
  ASSERT_TRUE(world.await_ready());  // Another Sentinel is asked.
  EXPECT_EQ(world.connection().peer(), group.first().address());
  group.sentinels().front()->start();
  group.swap();
  world.connection().reconnect("ROLE is not master");
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().peer(), group.second().address());
}

TEST(RedisConnectionSentinelTest, AHangingSentinelCostsItsWaitButOnce) {
  RedisProcess redis;
  ConnectionWorld world("");
  ScriptedRedis unresponsive(world.loop(), "");
  ScriptedRedis sentinel(world.loop(), address_reply(redis));
  world.options().url =
      "redis-sentinel://" + unresponsive.address() + "," + sentinel.address() + "/main";
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_THAT(sentinel.requests(),
              ElementsAre(command({"SENTINEL", "get-master-addr-by-name", "main"})));
  world.connection().reconnect("again");
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(unresponsive.connections(), 1U);
}

TEST(RedisConnectionSentinelTest, WhatIsNoMasterIsRefusedThoughASentinelNamesIt) {
  RedisProcess master;
  RedisProcess replica({.lines = {"replicaof 127.0.0.1 " + std::to_string(master.port())}});
  ConnectionWorld world("");
  ScriptedRedis stale(world.loop(), address_reply(replica));
  ScriptedRedis as_stale(world.loop(), address_reply(replica));
  world.options().url = "redis-sentinel://" + stale.address() + "," + as_stale.address() + "/main";
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(),
              ElementsAre("refused " + replica.address() + ": is no master (ROLE: slave)"));
  EXPECT_EQ(as_stale.connections(), 1U);
}

TEST(RedisConnectionSentinelTest, AnUnknownNameAndADeadSentinelAreReported) {
  RedisProcess master;
  RedisProcess sentinel(
      {.lines = {"sentinel monitor main 127.0.0.1 " + std::to_string(master.port()) + " 1"},
       .sentinel = true});
  const std::string dead = "127.0.0.1:" + std::to_string(test::free_port());
  ConnectionWorld world("redis-sentinel://" + dead + "," + sentinel.address() + "/other");
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre("refused " + dead + ": Connection refused; " +
                                          sentinel.address() + ": knows no master 'other'"));
}

TEST(RedisConnectionSentinelTest, ASentinelThatWantsALoginGetsThatOfRedis) {
  RedisProcess master({.lines = {"requirepass secret"}});
  RedisProcess sentinel(
      {.lines = {"sentinel monitor main 127.0.0.1 " + std::to_string(master.port()) + " 1",
                 "sentinel auth-pass main secret", "requirepass secret"},
       .sentinel = true});
  ConnectionWorld world("redis-sentinel://:secret@" + sentinel.address() + "/main");
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().peer(), master.address());
}

TEST(RedisConnectionClusterTest, AnotherNodeIsTakenWhenOneGoes) {
  test::ClusterGroup cluster;
  ConnectionWorld world(cluster.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  const std::string first = world.connection().peer();
  for (const auto& node : cluster.nodes()) {
    if (node->address() == first) node->kill();
  }
  ASSERT_TRUE(world.await_ready());
  EXPECT_NE(world.connection().peer(), first);
  EXPECT_EQ(world.ask({"PUBLISH", "channel", "text"}), "0");
  EXPECT_THAT(world.losses(), ElementsAre(StartsWith("lost " + first)));
}

TEST(RedisConnectionClusterTest, AnAttemptTriesEachNodeBeforeItIsReportedAsLost) {
  RedisProcess only({.lines = {"cluster-enabled yes"}});
  const std::string dead = "127.0.0.1:" + std::to_string(test::free_port());
  ConnectionWorld one("redis-cluster://" + dead + "," + only.address() + "," + dead);
  one.start();
  ASSERT_TRUE(one.await_ready());
  EXPECT_EQ(one.connection().peer(), only.address());
  EXPECT_THAT(one.losses(), IsEmpty());

  const std::string refused = dead + ": Connection refused";
  ConnectionWorld none("redis-cluster://" + dead + "," + dead);
  none.start();
  ASSERT_TRUE(none.await_lost());
  EXPECT_THAT(none.losses(), ElementsAre("refused " + refused + "; " + refused));
}

}  // namespace
}  // namespace wscast::redis
