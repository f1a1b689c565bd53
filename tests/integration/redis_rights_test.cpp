// What a Redis does not allow: an ACL that is too narrow, commands that are not there.

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/emitter.h"
#include "wscast/redis.h"

#include "integration/history_user.h"
#include "integration/manual_rights.h"
#include "integration/server_fixture.h"
#include "support/broker_world.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

/// All that a server needs, and the rooms that begin with `ok`.
const std::string kNarrow =
    "user narrow on >secret resetchannels -@all +@pubsub &ws:broadcast &ws:probe:* &ws:client:* "
    "&ws:user:* &ws:room:ok* &ws:room:ws-* &ws:room:*-*-*-*-*";

std::string url_of(const RedisProcess& redis, const std::string& user) {
  return "redis://" + user + ":secret@" + redis.address();
}

std::string joined(const std::vector<std::string>& words) {
  std::string line;
  for (const auto& word : words) line += word + ' ';
  return line;
}

class RedisRightsTest : public ::testing::Test {
 protected:
  bool receives(BrokerUser& user, const RedisProcess& redis, const std::string& channel) {
    const auto text = "message " + std::to_string(++messages_);
    redis.call({"PUBLISH", channel, text});
    return world_.run_until(
        [&] { return std::ranges::find(user.envelopes, text) != user.envelopes.end(); });
  }

  /// Two servers, of which one receives what the other publishes.
  void expect_messages(const RedisOptions& options) {
    auto& one = world_.start(options);
    auto& two = world_.start(options);
    for (const auto* channel : {"ws:room:a", "ws:client:b", "ws:user:c"}) {
      EXPECT_THAT(two.subscribe({channel}), IsEmpty());
      EXPECT_TRUE(world_.run_until([&] {
        EXPECT_EQ(one.publish(channel, channel), Backplane::ok);
        world_.run_for(1ms);
        return !two.envelopes.empty() && two.envelopes.back() == channel;
      }));
      two.broker().unsubscribe({channel});
    }
    EXPECT_EQ(one.publish("ws:broadcast", "x"), Backplane::ok);
    EXPECT_EQ(one.broker().fault() + two.broker().fault(), "");
    EXPECT_EQ(two.count(Counter::subscriptions_refused), 0u);
  }

  std::string start_fault(const std::string& line, RedisSubscribe subscribe) {
    const RedisProcess redis({.lines = {line}});
    auto& user = world_.add(redis_broker({.url = url_of(redis, "narrow"), .subscribe = subscribe}));
    return user.start();
  }

  int messages_ = 0;
  BrokerWorld world_;
};

TEST_F(RedisRightsTest, AForbiddenChannelConcernsNoOther) {
  const RedisProcess redis({.lines = {kNarrow}});
  auto& user = world_.start({.url = url_of(redis, "narrow")});
  EXPECT_THAT(user.subscribe({"ws:room:ok1", "ws:room:bad", "ws:room:ok2"}),
              ElementsAre("ws:room:bad"));
  EXPECT_EQ(user.publish("ws:room:bad", "x"), Backplane::down) << "no subscriber got it";
  EXPECT_TRUE(receives(user, redis, "ws:room:ok1"));
  EXPECT_TRUE(receives(user, redis, "ws:room:ok2"));
  EXPECT_EQ(user.broker().fault(), "");
  EXPECT_EQ(user.count(Counter::subscriptions_refused), 1u);
  EXPECT_EQ(user.count(Counter::subscriptions_late), 0u);
  EXPECT_EQ(user.count(Counter::broker_connections_lost), 0u);
}

TEST_F(RedisRightsTest, ANeededChannelIsSubscribedOnceItIsAllowed) {
  const RedisProcess redis({.lines = {kNarrow}});
  auto& user = world_.start({.url = url_of(redis, "narrow"), .prefix = ""});
  user.subscribe({"ws:room:bad"});
  redis.call({"ACL", "SETUSER", "narrow", "&ws:room:bad"});
  EXPECT_THAT(user.subscribe({"ws:room:bad"}), IsEmpty()) << "asked for anew";
  EXPECT_TRUE(receives(user, redis, "ws:room:bad"));
}

TEST_F(RedisRightsTest, ANewConnectionAsksForWhatWasRefused) {
  const RedisProcess redis({.lines = {kNarrow}});
  auto& user = world_.start({.url = url_of(redis, "narrow")});
  user.subscribe({"ws:room:ok", "ws:room:bad"});
  redis.call({"ACL", "SETUSER", "narrow", "&ws:room:bad"});
  redis.call({"CLIENT", "KILL", "TYPE", "pubsub"});
  ASSERT_TRUE(world_.run_until([&] { return !user.broker().fault().empty(); }));
  ASSERT_TRUE(world_.run_until([&] { return user.broker().fault().empty(); }));
  EXPECT_TRUE(receives(user, redis, "ws:room:bad"));
}

TEST_F(RedisRightsTest, RefusedChannelsAreNamedWithoutThePrefix) {
  const RedisProcess redis(
      {.lines = {"user narrow on >secret +@all resetchannels &app:ws:broadcast &app:ws:probe:*"}});
  auto& user = world_.start({.url = url_of(redis, "narrow"), .prefix = "app:"});
  EXPECT_THAT(user.subscribe({"ws:room:a"}), ElementsAre("ws:room:a"));
}

TEST_F(RedisRightsTest, RightsThatAreTakenAwayLaterCostTheirChannelAlone) {
  const RedisProcess redis({.lines = {kNarrow}});
  auto& user = world_.start({.url = url_of(redis, "narrow")});
  redis.call({"ACL", "SETUSER", "narrow", "&ws:room:bad"});
  EXPECT_THAT(user.subscribe({"ws:room:ok", "ws:room:bad"}), IsEmpty());
  // Redis closes the connections of a user that is subscribed to what it may not any more.
  redis.call(
      {"ACL", "SETUSER", "narrow", "resetchannels", "&ws:broadcast", "&ws:probe:*", "&ws:room:ok"});
  ASSERT_TRUE(world_.run_until([&] { return user.count(Counter::subscriptions_refused) > 0; }));
  ASSERT_TRUE(world_.run_until([&] { return user.broker().fault().empty(); }));
  EXPECT_TRUE(receives(user, redis, "ws:room:ok"));
}

// The servers' own needs

TEST_F(RedisRightsTest, WhatAServerCannotDoWithoutFailsItsStart) {
  const std::string user = "user narrow on >secret resetchannels -@all ";
  EXPECT_THAT(start_fault(user + "+@pubsub &ws:probe:*", RedisSubscribe::exact),
              AllOf(HasSubstr("SUBSCRIBE ws:broadcast: NOPERM")));
  EXPECT_THAT(start_fault(user + "+@pubsub &ws:broadcast", RedisSubscribe::exact),
              AllOf(HasSubstr("ws:probe:"), HasSubstr("NOPERM")));
  EXPECT_THAT(start_fault(user + "+subscribe &*", RedisSubscribe::exact),
              AllOf(HasSubstr("PUBLISH ws:probe:"), HasSubstr("NOPERM"), HasSubstr("publish")));
  EXPECT_THAT(start_fault(user + "+publish &*", RedisSubscribe::exact),
              AllOf(HasSubstr("NOPERM"), HasSubstr("subscribe")));
  EXPECT_THAT(start_fault(user + "+@pubsub &ws:broadcast &ws:probe:* &ws:room:* &ws:client:*",
                          RedisSubscribe::patterns),
              HasSubstr("PSUBSCRIBE ws:user:*: NOPERM"));
}

TEST_F(RedisRightsTest, AProbeThatIsRefusedLaterIsAFaultUntilItIsAllowed) {
  const RedisProcess redis({.lines = {kNarrow}});
  auto& user = world_.start(
      {.url = url_of(redis, "narrow"), .probe_interval = 20ms, .probe_timeout = 200ms});
  redis.call({"ACL", "SETUSER", "narrow", "-publish"});
  ASSERT_TRUE(world_.run_until([&] { return !user.broker().fault().empty(); }));
  EXPECT_THAT(user.broker().fault(), AllOf(HasSubstr("PUBLISH"), HasSubstr("NOPERM")));
  redis.call({"PUBLISH", "ws:broadcast", "still received"});
  ASSERT_TRUE(world_.run_until([&] { return !user.envelopes.empty(); }));
  world_.run_for(500ms);  // Longer than the probe's timeout.
  EXPECT_EQ(user.count(Counter::broker_connections_lost), 0u);
  redis.call({"ACL", "SETUSER", "narrow", "+publish"});
  EXPECT_TRUE(world_.run_until([&] { return user.broker().fault().empty(); }));
}

TEST_F(RedisRightsTest, WhatTheManualAllowsIsEnough) {
  const RedisProcess redis({.lines = {joined(rights_in_the_manual("wscast-exact")),
                                      joined(rights_in_the_manual("wscast-patterns")),
                                      joined(rights_in_the_manual("wscast-emitter"))}});
  expect_messages({.url = url_of(redis, "wscast-exact")});
  expect_messages({.url = url_of(redis, "wscast-patterns"), .subscribe = RedisSubscribe::patterns});
  Emitter emitter({.redis = RedisOptions{.url = url_of(redis, "wscast-emitter")}});
  emitter.configure();
  std::error_code error = Errc::stopped;
  EXPECT_FALSE(emitter.to_room(
      {.room = "a", .event = "e", .on_result = [&](const auto& it) { error = it.error; }}));
  EXPECT_TRUE(emitter.flush(20s));
  EXPECT_FALSE(error) << error.message();
  EXPECT_EQ(redis.call({"ACL", "LOG"}).find("channel"), std::string::npos);
}

TEST_F(RedisRightsTest, WhatTheManualAllowsIsEnoughForRoomsWithHistory) {
  const RedisProcess redis({.lines = {joined(rights_in_the_manual("wscast-history"))}});
  const RedisOptions options{.url = url_of(redis, "wscast-history")};
  expect_messages(options);
  HistoryUser user(world_, world_.start(options));
  user.limits.ttl = 1s;
  for (int i = 1; i <= 10; ++i)
    EXPECT_EQ(user.append("a", R"({"x":1})", std::to_string(i)).position.offset, i);
  world_.run_for(1'010ms);
  for (int i = 0; i < 10; ++i) user.append("a", R"({"x":1})");
  EXPECT_EQ(redis.call({"XLEN", "ws:history:{a}"}), "10") << "some were trimmed";
  EXPECT_TRUE(user.positions({"a"})[0]);
  EXPECT_EQ(user.read("a", 0).entries.size(), 10u);
  EXPECT_EQ(redis.call({"ACL", "LOG"}).find("lua"), std::string::npos);
}

TEST_F(RedisRightsTest, WhatTheManualAllowsIsEnoughInACluster) {
  ClusterGroup group;
  for (const auto* more : {"", "+cluster|slots"}) {
    auto rights = rights_in_the_manual("wscast-exact");
    if (*more != 0) rights.emplace_back(more);
    for (const auto& node : group.nodes()) {
      // SETUSER takes what stands behind the word `user`.
      std::vector<std::string_view> words{"ACL", "SETUSER"};
      words.insert(words.end(), rights.begin() + 1, rights.end());
      ASSERT_EQ(node->call(words), "OK");
    }
    expect_messages({.url = "redis-cluster://wscast-exact:secret@" + group.nodes()[0]->address()});
  }
}

TEST_F(RedisRightsTest, WhatTheManualAllowsIsEnoughBehindSentinels) {
  SentinelGroup group(1);
  auto rights = rights_in_the_manual("wscast-exact");
  std::vector<std::string_view> words{"ACL", "SETUSER"};
  words.insert(words.end(), rights.begin() + 1, rights.end());
  ASSERT_EQ(group.first().call(words), "OK");
  const std::string sentinels = group.url().substr(std::string("redis-sentinel://").size());
  expect_messages({.url = "redis-sentinel://wscast-exact:secret@" + sentinels});
}

TEST_F(RedisRightsTest, ARedisWithoutTheCommandsThatAreNotNeededServes) {
  std::vector<std::string> lines;
  for (const auto* command : {"CLIENT", "ROLE", "SELECT", "HELLO", "PING", "INFO", "ACL"}) {
    lines.push_back("rename-command " + std::string(command) + " \"\"");
  }
  const RedisProcess redis({.lines = lines});
  expect_messages({.url = redis.url() + "/3"});
}

TEST_F(RedisRightsTest, APasswordThatIsAWordOfRedisHidesNothing) {
  const RedisProcess redis({.lines = {"requirepass secret"}});
  for (const auto* login : {"password", "user", "pair", "default:password", "user:user", "disabled",
                            "i", "WRONGPASS"}) {
    const std::string text = login;
    const std::string at = (text.find(':') == text.npos ? ":" + text : text) + "@";
    auto& user = world_.add(redis_broker({.url = "redis://" + at + redis.address()}));
    EXPECT_THAT(user.start(),
                HasSubstr("WRONGPASS invalid username-password pair or user is disabled."));
  }
}

// Real clients

class RedisRightsServersTest : public ::testing::Test {
 protected:
  std::unique_ptr<ServerFixture> make() {
    return std::make_unique<ServerFixture>(2, [this](ServerOptions& options) {
      options.broker = redis_broker({.url = url_of(redis_, "narrow")});
    });
  }

  static void send(ServerFixture& from, std::string_view room, std::string_view event) {
    EXPECT_FALSE(
        from.server().send({.destination = room, .event = event, .data = Json::text("1")}));
  }

  const RedisProcess redis_{{.lines = {kNarrow}}};
};

TEST_F(RedisRightsServersTest, WhoJoinsAForbiddenRoomAgainAndAgainCostsNobodyAMessage) {
  constexpr int kMessages = 3'000;
  const auto here = make();
  const auto there = make();
  const Peer bob = there->peer("bob");
  bob.send("join", R"({"rooms":["ok"]})");
  ServerFixture::await([&] { return there->server().in_room(bob.id, "ok"); });
  const Peer mallory = there->peer("mallory");
  for (int n = 0; n < kMessages; ++n) {
    if (n % 10 == 0) {
      const std::string number = std::to_string(n);
      mallory.send("join", R"({"rooms":["bad","bad)" + number + R"(","ok)" + number + "\"]}");
    }
    send(*here, "ok", std::to_string(n));
  }
  for (int n = 0; n < kMessages; ++n) {
    ASSERT_EQ(bob.next(), message(std::to_string(n), "1"));
  }
  const std::string last = "ok" + std::to_string(kMessages - 10);
  ServerFixture::await([&] { return there->server().in_room(mallory.id, last); });
  EXPECT_FALSE(there->server().in_room(mallory.id, "bad"));
  EXPECT_FALSE(there->server().in_room(mallory.id, "bad0"));
  EXPECT_GE(there->count(Counter::subscriptions_refused), 2u * kMessages / 10);
  EXPECT_EQ(there->count(Counter::broker_connections_lost), 0u);
  EXPECT_EQ(there->count(Counter::subscriptions_late), 0u);

  redis_.call({"ACL", "SETUSER", "narrow", "&ws:room:bad"});
  mallory.send("join", R"({"rooms":["bad"]})");
  ServerFixture::await([&] { return there->server().in_room(mallory.id, "bad"); });
  send(*here, "bad", "healed");
  EXPECT_EQ(mallory.next(), message("healed", "1"));
}

TEST_F(RedisRightsServersTest, AClientWhoseOwnChannelsAreForbiddenIsConnectedAllTheSame) {
  redis_.call({"ACL", "SETUSER", "narrow", "resetchannels", "&ws:broadcast", "&ws:probe:*"});
  const auto here = make();
  const Peer alice = here->peer("alice");
  EXPECT_GT(here->count(Counter::subscriptions_refused), 0u);
  send(*here, alice.id, "here");
  EXPECT_EQ(alice.next(), message("here", "1"));
  EXPECT_FALSE(here->server().join_room({.client_id = alice.id, .room = "bad"}));
  ServerFixture::await([&] { return here->server().in_room(alice.id, "bad"); });
  send(*here, "bad", "local");
  EXPECT_EQ(alice.next(), message("local", "1"));
}

}  // namespace
}  // namespace wscast::test
