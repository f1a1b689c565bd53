// The history of rooms in Redis, and what may become of it there (protocol.md H9).

#include <optional>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "integration/redis_history_fixture.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::AnyOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

TEST_F(RedisHistoryTest, TheKeysAreThoseOfTheProtocol) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url(), .prefix = "p:"});
  user.limits = {.size = 5, .ttl = 60s};
  const auto position = user.append("r{%}", kEnvelope, "k").position;
  const std::string tag = "{r%7B%25%7D}";
  EXPECT_EQ(redis.call({"KEYS", "*"}).size(), redis.call({"KEYS", "p:ws:*" + tag + "*"}).size());
  EXPECT_EQ(redis.call({"HGET", "p:ws:position:" + tag, "epoch"}), position.epoch);
  EXPECT_EQ(redis.call({"HGET", "p:ws:position:" + tag, "last"}), "1");
  EXPECT_THAT(redis.call({"INFO", "replication"}),
              HasSubstr("master_replid:" + redis.call({"HGET", "p:ws:position:" + tag, "replid"})));
  EXPECT_THAT(redis.call({"XRANGE", "p:ws:history:" + tag, "-", "+"}),
              testing::MatchesRegex("1-0\nm\n\\{\"x\":1\\}\nt\n[0-9]{13}\n?"));
  const auto left = [&](const std::string& key) { return std::stoll(redis.call({"PTTL", key})); };
  EXPECT_NEAR(static_cast<double>(left("p:ws:history:" + tag)), 60'500, 600);
  EXPECT_NEAR(static_cast<double>(left("p:ws:position:" + tag)), 86'460'500, 600);
  EXPECT_NEAR(static_cast<double>(left("p:ws:once:" + tag + ":k")), 299'900, 150);
}

TEST_F(RedisHistoryTest, TheStreamDoesNotGrowBeyondItsSizeForLong) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.limits.size = 50;
  for (int i = 0; i < 500; ++i) user.append("a", kEnvelope);
  EXPECT_LE(std::stoll(redis.call({"XLEN", "ws:history:{a}"})), 150);
}

TEST_F(RedisHistoryTest, WhatHasExpiredIsTrimmedWhileMessagesGoOn) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.limits.ttl = 1s;
  for (int i = 0; i < 20; ++i) user.append("a", kEnvelope);
  world_.run_for(1'010ms);
  for (int i = 0; i < 17; ++i) user.append("a", kEnvelope);
  EXPECT_EQ(redis.call({"XLEN", "ws:history:{a}"}), "17");
}

TEST_F(RedisHistoryTest, MessagesOfARoomThatFollowEachOtherShareACall) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  redis.call({"CONFIG", "RESETSTAT"});
  int left = 0;
  const auto append = [&](const std::string& room) {
    ++left;
    user.history().append({.room = room, .envelope = kEnvelope}, [&](const HistoryAppended& it) {
      EXPECT_EQ(it.backplane, Backplane::ok);
      --left;
    });
  };
  for (int i = 0; i < 50; ++i) append("a");
  for (const auto* room : {"b", "a", "a"}) append(room);
  EXPECT_TRUE(world_.run_until([&] { return left == 0; }));
  EXPECT_THAT(redis.call({"INFO", "commandstats"}), HasSubstr("cmdstat_evalsha:calls=3,"));
  EXPECT_EQ(redis.call({"HGET", "ws:position:{a}", "last"}), "53");
}

TEST_F(RedisHistoryTest, ReadingAPositionKeepsIt) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  for (const bool page : {false, true}) {
    redis.call({"PEXPIRE", "ws:position:{a}", "60000"});
    page ? void(user.read("a", 0)) : void(user.positions({"a"}));
    EXPECT_GT(std::stoll(redis.call({"PTTL", "ws:position:{a}"})), 86'400'000) << page;
  }
}

TEST_F(RedisHistoryTest, ALostPositionBeginsAnEpoch) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  const auto before = user.append("a", kEnvelope).position;
  redis.call({"DEL", "ws:position:{a}"});
  const auto after = user.append("a", kEnvelope).position;
  EXPECT_EQ(after.offset, 1u);
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1));
}

TEST_F(RedisHistoryTest, ALostStreamLeavesThePosition) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  const auto before = user.append("a", kEnvelope).position;
  redis.call({"DEL", "ws:history:{a}"});
  EXPECT_EQ(user.read("a", 0).last, 2u);
  EXPECT_THAT(offsets(user.read("a", 0)), IsEmpty());
  EXPECT_EQ(user.append("a", kEnvelope).position, (Position{3, before.epoch}));
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(3));
}

TEST_F(RedisHistoryTest, WhatLiesBeforeAHoleIsNotKept) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  for (int i = 0; i < 5; ++i) user.append("a", kEnvelope);
  redis.call({"XDEL", "ws:history:{a}", "3-0"});
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(4, 5));
  redis.call({"XDEL", "ws:history:{a}", "5-0"});
  EXPECT_THAT(offsets(user.read("a", 0)), IsEmpty());
}

/// Left by a user whose rights ended between two writes.
TEST_F(RedisHistoryTest, AnEntryBeyondThePositionBeginsAnEpoch) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  const auto before = user.append("a", kEnvelope).position;
  redis.call({"XADD", "ws:history:{a}", "2-0", "m", "{}", "t", "1"});
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1));
  const auto after = user.append("a", kEnvelope).position;
  EXPECT_EQ(after.offset, 1u);
  EXPECT_NE(after.epoch, before.epoch);
  EXPECT_EQ(user.append("a", kEnvelope).position.offset, 2u);
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1, 2));
}

TEST_F(RedisHistoryTest, ScriptsThatRedisForgetsAreSentAgain) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  user.read("a", 0);
  user.positions({"a"});
  redis.call({"SCRIPT", "FLUSH"});
  EXPECT_EQ(user.append("a", kEnvelope).position.offset, 2u);
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1, 2));
  EXPECT_TRUE(user.positions({"a"})[0]);
  EXPECT_EQ(redis.call({"INFO", "commandstats"}).find("cmdstat_script|load"), std::string::npos);
}

TEST_F(RedisHistoryTest, WithoutRedisItIsDown) {
  RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  redis.kill();
  EXPECT_TRUE(world_.run_until([&] { return !user.broker().broker().state().publishes; }));
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_FALSE(user.read("a", 0).available);
  EXPECT_THAT(user.positions({"a", "b"}), ElementsAre(std::nullopt, std::nullopt));
}

TEST_F(RedisHistoryTest, AConnectionLostMeanwhileIsUnknown) {
  RedisProcess redis;
  auto& user = start({.url = redis.url(), .answer_timeout = 20s});
  user.append("a", kEnvelope);
  redis.stop();
  std::optional<HistoryAppended> appended;
  user.history().append({"a", kEnvelope, {}, ""}, [&](const auto& it) { appended = it; });
  world_.run_ready();
  redis.kill();
  EXPECT_TRUE(world_.run_until([&] { return appended.has_value(); }));
  EXPECT_EQ(appended->backplane, Backplane::unknown);
}

TEST_F(RedisHistoryTest, WithoutAnAnswerInTimeItIsUnknown) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url(), .answer_timeout = 50ms, .probe_timeout = 20s});
  user.append("a", kEnvelope);
  redis.stop();
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::unknown);
  EXPECT_FALSE(user.read("a", 0).available);
  redis.cont();
  EXPECT_TRUE(world_.run_until([&] { return user.read("a", 0).last == 2; }));
  EXPECT_EQ(user.broker().count(Counter::broker_unexpected), 0u);
}

TEST_F(RedisHistoryTest, AMessageThatIsTooLongIsDown) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url(), .max_publish_bytes = 1'024});
  EXPECT_EQ(user.append("a", "{\"x\":\"" + std::string(1'017, 'x') + "\"}").backplane,
            Backplane::down);
  EXPECT_EQ(user.append("a", "{\"x\":\"" + std::string(1'016, 'x') + "\"}").position.offset, 1u);
  EXPECT_EQ(user.broker().count(Counter::publishes_down), 1u);
  EXPECT_GE(user.broker().count(Counter::publishes_ok), 1u);
}

/// What Redis says in a script, and outside of one.
const auto kNoRight = AnyOf(HasSubstr("NOPERM"), HasSubstr("The user executing the script can't"));

const std::string kRights =
    "+info +time +hmget +hset +pexpire +del +xlen +xadd +xrange +xdel +get +set";

TEST_F(RedisHistoryRefusalTest, KeysOfAnotherTypeAreLeftAlone) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  redis.call({"SET", "ws:position:{a}", "mine"});
  redis.call({"SET", "ws:history:{b}", "mine"});
  user.append("c", kEnvelope);
  redis.call({"DEL", "ws:history:{c}"});
  redis.call({"SET", "ws:history:{c}", "mine"});
  user.broker().subscribe({"ws:room:a", "ws:room:b", "ws:room:c"});
  for (const auto* room : {"a", "b", "c"}) {
    EXPECT_EQ(user.append(room, kEnvelope).backplane, Backplane::down) << room;
    EXPECT_FALSE(user.read(room, 0).available) << room;
  }
  EXPECT_THAT(user.positions({"a", "d"}), ElementsAre(std::nullopt, testing::Ne(std::nullopt)));
  EXPECT_EQ(redis.call({"GET", "ws:position:{a}"}), "mine");
  EXPECT_EQ(redis.call({"GET", "ws:history:{b}"}), "mine");
  EXPECT_EQ(redis.call({"GET", "ws:history:{c}"}), "mine");
  EXPECT_EQ(redis.call({"HGET", "ws:position:{c}", "last"}), "1");
  redis.call({"PUBLISH", "ws:room:c", "end"});
  EXPECT_TRUE(world_.run_until([&] { return !user.broker().envelopes.empty(); }));
  EXPECT_THAT(user.broker().envelopes, ElementsAre("end"));
  EXPECT_THAT(logged_, testing::Contains(HasSubstr("WRONGTYPE")));
}

TEST_F(RedisHistoryRefusalTest, WithoutMemoryNothingIsDone) {
  const RedisProcess redis;
  auto& user = start({.url = redis.url()});
  user.append("a", kEnvelope);
  redis.call({"CONFIG", "SET", "maxmemory", "1"});
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_EQ(user.append("b", kEnvelope).backplane, Backplane::down);
  EXPECT_THAT(logged_, ElementsAre(HasSubstr("OOM")));
  redis.call({"CONFIG", "SET", "maxmemory", "0"});
  EXPECT_EQ(user.append("a", kEnvelope).position.offset, 2u);
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1, 2));
}

TEST_F(RedisHistoryRefusalTest, EachMissingRightIsDownWithOneLineAndChangesNothing) {
  const RedisProcess redis;
  const std::string rights =
      "on >secret resetchannels &* ~ws:* -@all +@pubsub +@scripting " + kRights;
  for (const std::string right :
       {"-@scripting", "-info", "-time", "-hmget", "-hset", "-pexpire", "-del", "-xlen", "-xadd",
        "-xrange", "-xdel", "-get", "-set", "resetchannels &ws:broadcast &ws:probe:*"}) {
    allow(redis, rights + ' ' + right);
    auto& user = start({.url = "redis://server:secret@" + redis.address()});
    logged_.clear();
    for (int i = 0; i < 3; ++i)
      EXPECT_EQ(user.append("a", kEnvelope, "k").backplane, Backplane::down) << right;
    EXPECT_THAT(logged_, ElementsAre(kNoRight)) << right;
    EXPECT_THAT(redis.call({"KEYS", "*"}), IsEmpty()) << right;
    allow(redis, rights);
    EXPECT_EQ(user.append("a", kEnvelope, "k").position.offset, 1u) << right;
    EXPECT_THAT(texts(user.read("a", 0)), SizeIs(1));
    redis.call({"FLUSHALL"});
  }
}

TEST_F(RedisHistoryRefusalTest, AChannelForbiddenLaterIsUnknownForItsMessageIsKept) {
  const RedisProcess redis;
  allow(redis, "on >secret resetchannels &* ~ws:* -@all +@pubsub +@scripting " + kRights);
  auto& user = start({.url = "redis://server:secret@" + redis.address()});
  user.append("a", kEnvelope);
  allow(redis, "resetchannels &ws:broadcast &ws:probe:*");
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::unknown);
  EXPECT_THAT(logged_, ElementsAre(kNoRight));
}

TEST_F(RedisHistoryRefusalTest, WithoutAReplicationIdItIsDown) {
  const RedisProcess redis({.lines = {"rename-command INFO \"\"", "rename-command ECHO INFO"}});
  auto& user = start({.url = redis.url()});
  EXPECT_EQ(user.append("a", kEnvelope).backplane, Backplane::down);
  EXPECT_FALSE(user.read("a", 0).available);
  EXPECT_THAT(user.positions({"a"}), ElementsAre(std::nullopt));
  EXPECT_THAT(logged_, ElementsAre(HasSubstr("no master_replid in INFO")));
  EXPECT_EQ(redis.call({"KEYS", "*"}), "");
}

TEST_F(RedisHistoryRefusalTest, TheRightsOfWritersAreCheckedBehindOtherScripts) {
  const RedisProcess redis;
  allow(redis, "on >secret resetchannels &* ~ws:* -@all +@pubsub +@scripting " + kRights + " -set");
  auto& user = start({.url = "redis://server:secret@" + redis.address()});
  EXPECT_TRUE(user.positions({"a"})[0]);
  EXPECT_TRUE(user.read("a", 0).available);
  EXPECT_EQ(user.append("a", kEnvelope, "k").backplane, Backplane::down);
  EXPECT_THAT(logged_, ElementsAre(kNoRight));
  EXPECT_THAT(texts(user.read("a", 0)), IsEmpty());
}

}  // namespace
}  // namespace wscast::test
