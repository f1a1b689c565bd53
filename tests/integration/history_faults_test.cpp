// Servers with rooms with history, and what may happen to their Redis: a member gets each message,
// in order and once, or is told that some are lost (protocol.md H5, H6). A message that is answered
// `down` reaches nobody (H3).

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "broker/redis/discovery/cluster_slots.h"
#include "integration/history_member.h"
#include "integration/history_servers.h"
#include "integration/server_fixture.h"
#include "support/redis_process.h"

namespace wscast {
namespace {

using test::RedisProcess;

const std::vector<std::string> kKeepsData = {"appendonly yes", "appendfsync always"};

/// Redis is killed and started again, with its data or without.
class RestartedRedis : public HistoryServers, public testing::WithParamInterface<bool> {
 protected:
  RestartedRedis() : redis_({.lines = GetParam() ? kKeepsData : std::vector<std::string>()}) {
    start(redis_.url());
  }

  RedisProcess redis_;
};

TEST_P(RestartedRedis, H6EachMemberIsToldThatTheEpochIsOver) {
  HistoryMember carol("carol", kOrders);
  carol.connect(*here_);
  published_.publish(*here_, 5);
  for (HistoryMember* member : {&alice_, &bob_}) member->read_to(5);
  for (int i = 1; i <= 5; ++i) EXPECT_EQ(plain_.next(), message("n", std::to_string(i)));
  carol.read_to(3);
  carol.disconnect();
  const Position before = alice_.position();
  redis_.kill();
  await_lost();
  redis_.start();
  for (HistoryMember* member : {&alice_, &bob_}) {
    member->read_to_loss();
    EXPECT_EQ(member->position().offset, 0u);
    EXPECT_NE(member->position().epoch, before.epoch);
  }
  EXPECT_EQ(alice_.position(), bob_.position());
  published_.publish_until(*there_, Backplane::ok);
  carol.connect(*there_);
  published_.publish_until(*there_, Backplane::ok);
  expect_complete();
  expect_losses(1);
  EXPECT_EQ(plain_.next(), message("dropped", R"({"count":null})"));
  carol.read_to(published_.last());
  published_.check(carol);
  ASSERT_EQ(carol.losses().size(), 1u);
  EXPECT_EQ(carol.losses().front().reason, "epoch") << "H5";
}

INSTANTIATE_TEST_SUITE_P(All, RestartedRedis, testing::Bool(),
                         [](const auto& of) { return of.param ? "WithItsData" : "WithoutData"; });

TEST_F(HistoryServers, H6MembersKnowWhatTheyMissOfWhatIsPublishedAllTheTime) {
  RedisProcess redis({.lines = kKeepsData});
  start(redis.url());
  {
    const Publishing publishing(published_, *here_, *there_);
    alice_.read_to(10);
    redis.kill();
    await_lost();
    redis.start();
    for (HistoryMember* member : {&alice_, &bob_}) member->read_to_loss();
  }
  published_.publish_until(*here_, Backplane::ok);
  expect_complete();
  expect_losses(1);
}

TEST_F(HistoryServers, H3WhatIsPublishedMeanwhileIsDownAndReachesNobody) {
  RedisProcess redis;
  start(redis.url());
  published_.publish(*here_, 1);
  for (HistoryMember* member : {&alice_, &bob_}) member->read_to(1);
  redis.kill();
  await_lost();
  for (auto* server : {here_.get(), there_.get()})
    EXPECT_EQ(published_.publish(*server), Backplane::down);
  redis.start();
  published_.publish_until(*here_, Backplane::ok);
  expect_complete();
  expect_losses(1);
  std::vector<int> said;
  for (const auto& seen : alice_.seen()) said.push_back(seen.data);
  EXPECT_EQ(said, (std::vector<int>{1, published_.last()}));
}

TEST_F(HistoryServers, H6AFailoverBehindSentinelsIsToldToEachMember) {
  test::SentinelGroup group(1);
  start(group.url());
  published_.publish(*here_, 5);
  group.first().kill();
  {
    const Publishing publishing(published_, *here_, *there_);
    for (HistoryMember* member : {&alice_, &bob_}) member->read_to_loss();
  }
  published_.publish_until(*here_, Backplane::ok);
  published_.publish_until(*there_, Backplane::ok);
  expect_complete();
  expect_losses(1);
}

/// Its process stays, and so do the servers' connections; what it got last is lost.
TEST_F(HistoryServers, H6AMasterThatWasAReplicaMeanwhileIsToldToEachMember) {
  test::ReplicatedRedis redis;
  start(redis.first().url());
  published_.publish(*here_, 5);
  redis.await_offset("ws:position:{" + kOrders + "}", 5);
  redis.promote_second();
  published_.publish(*there_, 1);
  for (HistoryMember* member : {&alice_, &bob_}) member->read_to(6);
  const Position before = alice_.position();
  redis.demote_and_promote_first();
  published_.publish_until(*here_, Backplane::ok);
  expect_complete();
  expect_losses(1);
  EXPECT_NE(alice_.position().epoch, before.epoch);
}

/// A room whose keys are on that node of a Cluster.
std::string room_of(std::size_t node) {
  for (int i = 0;; ++i) {
    auto room = "orders-" + std::to_string(i);
    if (redis::key_slot(room) / 5'462 == node) return room;
  }
}

TEST_F(HistoryServers, H6AMasterOfAClusterThatIsKilledCostsItsRoomsAlone) {
  test::ClusterGroup group;
  group.await_keys();
  const auto here = make_server(group.url(), "here");
  const auto there = make_server(group.url(), "there");
  Publications kept(room_of(0));
  Publications lost(room_of(2));
  HistoryMember carol("carol", room_of(0));
  HistoryMember dave("dave", room_of(2));
  carol.connect(*here);
  dave.connect(*there);
  kept.publish(*there, 5);
  lost.publish(*here, 5);
  dave.read_to(5);
  group.nodes()[2]->kill();
  {
    const Publishing publishing(kept, *here, *there);
    lost.publish_until(*here, Backplane::down);
    lost.publish_until(*there, Backplane::down);
    group.nodes()[2]->start();
    lost.publish_until(*here, Backplane::ok);
    dave.read_to_loss();
  }
  kept.publish_until(*here, Backplane::ok);
  carol.read_to(kept.last());
  kept.check(carol);
  EXPECT_TRUE(carol.losses().empty());
  lost.publish_until(*here, Backplane::ok);
  dave.read_to(lost.last());
  lost.check(dave);
  EXPECT_EQ(dave.losses().size(), 1u);
}

}  // namespace
}  // namespace wscast
