// The history of rooms in a Redis that is restarted or replaced (protocol.md H9).

#include <map>
#include <memory>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/redis_history_fixture.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

TEST_F(RedisHistoryTest, ARestartWithoutDataBeginsAnEpoch) {
  RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  const auto before = user.append("a", kEnvelope).position;
  redis.kill();
  redis.start();
  const auto after = append_once_back(user);
  EXPECT_EQ(after.offset, 1u);
  EXPECT_NE(after.epoch, before.epoch);
}

TEST_F(RedisHistoryTest, ARestartWithItsDataBeginsAnEpochToo) {
  RedisProcess redis({.lines = {"appendonly yes", "appendfsync always"}});
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  const auto a = user.append("a", kEnvelope, "k").position;
  const auto b = user.append("b", kEnvelope).position;
  const auto c = user.append("c", kEnvelope).position;
  redis.kill();
  redis.start();
  EXPECT_EQ(redis.call({"XLEN", "ws:history:{a}"}), "2") << "the data is there";
  EXPECT_TRUE(world_.run_until([&] {
    const bool back = user.read("b", 0).available;
    if (!back) world_.run_for(20ms);
    return back;
  }));
  const auto page = user.read("b", 0);
  EXPECT_EQ(page.last, 0u);
  EXPECT_THAT(page.entries, IsEmpty());
  EXPECT_NE(page.epoch, b.epoch);
  const auto positions = user.positions({"c"});
  ASSERT_TRUE(positions[0]);
  EXPECT_EQ(positions[0]->offset, 0u);
  EXPECT_NE(positions[0]->epoch, c.epoch);
  const auto appended = user.append("a", kEnvelope, "k");
  EXPECT_FALSE(appended.repeated) << "the key is of the old epoch";
  EXPECT_EQ(appended.position.offset, 1u);
  EXPECT_NE(appended.position.epoch, a.epoch);
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1));
}

/// What it got last is lost, while its process and the user's connection stay.
TEST_F(RedisHistoryTest, AMasterThatWasAReplicaMeanwhileBeginsAnEpoch) {
  ReplicatedRedis redis;
  auto& user = start({.url = redis.first().url()});
  std::map<std::string, Position> before;
  for (const auto* room : {"a", "b", "c"}) {
    user.append(room, kEnvelope, "k");
    before[room] = user.append(room, kEnvelope).position;
  }
  redis.await_offset("ws:position:{c}", 2);
  redis.promote_second();
  for (const auto* room : {"a", "b", "c"})
    EXPECT_EQ(user.append(room, kEnvelope).position, (Position{3, before[room].epoch}));
  redis.demote_and_promote_first();
  EXPECT_EQ(redis.first().call({"HGET", "ws:position:{a}", "last"}), "2") << "one is lost";
  const auto appended = user.append("a", kEnvelope, "k");
  EXPECT_FALSE(appended.repeated) << "the key is of the old epoch";
  EXPECT_EQ(appended.position.offset, 1u);
  EXPECT_NE(appended.position.epoch, before["a"].epoch);
  const auto page = user.read("b", 2);
  EXPECT_EQ(page.last, 0u);
  EXPECT_NE(page.epoch, before["b"].epoch);
  const auto position = user.positions({"c"})[0];
  ASSERT_TRUE(position);
  EXPECT_EQ(position->offset, 0u);
  EXPECT_NE(position->epoch, before["c"].epoch);
  EXPECT_EQ(user.broker().count(Counter::broker_connections_lost), 0u);
}

/// Redis has another replication id then.
TEST_F(RedisHistoryTest, AMasterThatGetsItsFirstReplicaBeginsAnEpochOnce) {
  const RedisProcess redis({.lines = {"repl-diskless-sync-delay 0", "repl-backlog-ttl 1"}});
  auto& user = start({.url = redis.url()});
  const auto before = user.append("a", kEnvelope).position;
  const std::string master = "replicaof 127.0.0.1 " + std::to_string(redis.port());
  auto replica = std::make_unique<RedisProcess>(RedisProcess::Setup{.lines = {master}});
  replica->await_log("sync: Finished with success");
  const auto position = user.append("a", kEnvelope).position;
  EXPECT_NE(position.epoch, before.epoch);
  {
    const RedisProcess another({.lines = {master}});
    another.await_log("sync: Finished with success");
    EXPECT_EQ(user.append("a", kEnvelope).position, (Position{2, position.epoch}));
  }
  EXPECT_EQ(user.append("a", kEnvelope).position, (Position{3, position.epoch}));
  replica.reset();
  redis.await_log("Replication backlog freed");
  EXPECT_NE(user.append("a", kEnvelope).position.epoch, position.epoch);
}

TEST_F(RedisHistoryTest, AFailoverBehindSentinelsBeginsAnEpoch) {
  SentinelGroup group(1);
  auto& user = start({.url = group.url()});
  user.append("a", kEnvelope);
  const auto before = user.append("a", kEnvelope).position;
  EXPECT_TRUE(world_.run_until([&] {
    return group.second().call({"HGET", "ws:position:{a}", "last"}) == "2";
  })) << "replicated";
  group.first().kill();
  const auto after = append_once_back(user);
  EXPECT_EQ(after.offset, 1u);
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1));
}

TEST_F(RedisHistoryRefusalTest, AReplicaIsLeftOnceForTheMaster) {
  const RedisProcess redis;
  const RedisProcess other;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  redis.call({"REPLICAOF", "127.0.0.1", std::to_string(other.port())});
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_THAT(logged_, ElementsAre(HasSubstr("READONLY")));
  const auto lost = [&] { return user.broker().count(Counter::broker_connections_lost); };
  EXPECT_TRUE(world_.run_until([&] { return lost() == 1; }));
  EXPECT_TRUE(world_.run_until([&] {
    return user.broker().publish("ws:room:a", "x") == Backplane::ok;
  })) << "messages without a history go on";
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_FALSE(user.read("a", 0).available);
  world_.run_ready();
  EXPECT_EQ(lost(), 1u);
}

/// It has the replication id of its master, which counts on meanwhile.
TEST_F(RedisHistoryRefusalTest, AReplicaThatTakesWritesIsLeftAlone) {
  const RedisProcess master({.lines = {"repl-diskless-sync-delay 0"}});
  const RedisProcess replica(
      {.lines = {"replica-read-only no", "replicaof 127.0.0.1 " + std::to_string(master.port())}});
  replica.await_log("sync: Finished with success");
  auto& there = start({.url = master.url()});
  auto& here = start({.url = replica.url()});
  there.append("a", kEnvelope);
  const auto last = [&] { return replica.call({"HGET", "ws:position:{a}", "last"}); };
  EXPECT_TRUE(world_.run_until([&] { return last() == "1"; }));
  EXPECT_EQ(here.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_THAT(logged_, ElementsAre(HasSubstr("READONLY")));
  EXPECT_FALSE(here.read("a", 0).available);
  EXPECT_THAT(here.positions({"a"}), ElementsAre(std::nullopt));
  EXPECT_EQ(last(), "1");
}

}  // namespace
}  // namespace wscast::test
