#include <chrono>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link_world.h"

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

TEST(RedisLinkSentinelTest, ALinkFollowsTheMasterThatSentinelElects) {
  test::SentinelGroup group(1);
  LinkWorld world(group.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.link().peer(), group.first().address());
  group.first().kill();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.link().peer(), group.second().address());
  EXPECT_THAT(world.ask({"ROLE"}), StartsWith("master"));
  EXPECT_THAT(world.losses().front(), StartsWith("lost " + group.first().address()));
}

TEST(RedisLinkSentinelTest, ADemotedMasterThatStillRunsIsLeftOnARedial) {
  test::SentinelGroup group(3);
  group.sentinels().front()->kill();
  LinkWorld world(group.url());
  world.start();
  ASSERT_TRUE(world.await_ready());  // Another Sentinel is asked.
  EXPECT_EQ(world.link().peer(), group.first().address());
  group.sentinels().front()->start();
  group.swap();
  world.link().redial("ROLE is not master");
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.link().peer(), group.second().address());
}

TEST(RedisLinkSentinelTest, AHangingSentinelCostsItsWaitButOnce) {
  RedisProcess redis;
  LinkWorld world("");
  FakeRedis mute(world.loop(), "");
  FakeRedis sentinel(world.loop(), address_reply(redis));
  world.options().url = "redis-sentinel://" + mute.address() + "," + sentinel.address() + "/main";
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_THAT(sentinel.requests(),
              ElementsAre(command({"SENTINEL", "get-master-addr-by-name", "main"})));
  world.link().redial("again");
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(mute.connections(), 1U);
}

TEST(RedisLinkSentinelTest, WhatIsNoMasterIsRefusedThoughASentinelNamesIt) {
  RedisProcess master;
  RedisProcess replica({.lines = {"replicaof 127.0.0.1 " + std::to_string(master.port())}});
  LinkWorld world("");
  FakeRedis stale(world.loop(), address_reply(replica));
  FakeRedis as_stale(world.loop(), address_reply(replica));
  world.options().url = "redis-sentinel://" + stale.address() + "," + as_stale.address() + "/main";
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(),
              ElementsAre("refused " + replica.address() + ": is no master (ROLE: slave)"));
  EXPECT_EQ(as_stale.connections(), 1U);
}

TEST(RedisLinkSentinelTest, AnUnknownNameAndADeadSentinelAreTold) {
  RedisProcess master;
  RedisProcess sentinel(
      {.lines = {"sentinel monitor main 127.0.0.1 " + std::to_string(master.port()) + " 1"},
       .sentinel = true});
  const std::string dead = "127.0.0.1:" + std::to_string(test::free_port());
  LinkWorld world("redis-sentinel://" + dead + "," + sentinel.address() + "/other");
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre("refused " + dead + ": Connection refused; " +
                                          sentinel.address() + ": knows no master 'other'"));
}

TEST(RedisLinkSentinelTest, ASentinelThatWantsALoginGetsThatOfRedis) {
  RedisProcess master({.lines = {"requirepass secret"}});
  RedisProcess sentinel(
      {.lines = {"sentinel monitor main 127.0.0.1 " + std::to_string(master.port()) + " 1",
                 "sentinel auth-pass main secret", "requirepass secret"},
       .sentinel = true});
  LinkWorld world("redis-sentinel://:secret@" + sentinel.address() + "/main");
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.link().peer(), master.address());
}

TEST(RedisLinkClusterTest, AnotherNodeIsTakenWhenOneGoes) {
  test::ClusterGroup cluster;
  LinkWorld world(cluster.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  const std::string first = world.link().peer();
  for (const auto& node : cluster.nodes()) {
    if (node->address() == first) node->kill();
  }
  ASSERT_TRUE(world.await_ready());
  EXPECT_NE(world.link().peer(), first);
  EXPECT_EQ(world.ask({"PUBLISH", "channel", "text"}), "0");
  EXPECT_THAT(world.losses(), ElementsAre(StartsWith("lost " + first)));
}

TEST(RedisLinkClusterTest, AnAttemptTriesEachNodeBeforeItIsToldAsLost) {
  RedisProcess only({.lines = {"cluster-enabled yes"}});
  const std::string dead = "127.0.0.1:" + std::to_string(test::free_port());
  LinkWorld one("redis-cluster://" + dead + "," + only.address() + "," + dead);
  one.start();
  ASSERT_TRUE(one.await_ready());
  EXPECT_EQ(one.link().peer(), only.address());
  EXPECT_THAT(one.losses(), IsEmpty());

  const std::string refused = dead + ": Connection refused";
  LinkWorld none("redis-cluster://" + dead + "," + dead);
  none.start();
  ASSERT_TRUE(none.await_lost());
  EXPECT_THAT(none.losses(), ElementsAre("refused " + refused + "; " + refused));
}

}  // namespace
}  // namespace wscast::redis
