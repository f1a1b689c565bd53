// What can happen to Redis, and to the connections to it.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/broker_world.h"
#include "support/fake_redis.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::steady_clock;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

/// Times in the test's output, for whoever wants to know how far from the limit they are.
void print(const char* what, steady_clock::duration duration) {
  std::printf("%s: %lld ms\n", what,
              static_cast<long long>(duration_cast<milliseconds>(duration).count()));
}

class RedisFaultsTest : public ::testing::Test {
 protected:
  bool await_well(BrokerUser& user) {
    return world_.run_until([&] { return user.broker().fault().empty(); });
  }
  bool await_fault(BrokerUser& user) {
    return world_.run_until([&] { return !user.broker().fault().empty(); });
  }
  bool await_count(BrokerUser& user, Counter counter, std::uint64_t n) {
    return world_.run_until([&] { return user.count(counter) >= n; });
  }

  /// Another client publishes; returns whether it came.
  bool receives(BrokerUser& user, RedisProcess& redis, const std::string& channel) {
    const auto text = "message " + std::to_string(++messages_);
    redis.call({"PUBLISH", channel, text});
    return world_.run_until(
        [&] { return std::ranges::find(user.envelopes, text) != user.envelopes.end(); });
  }

  /// What would block, while the loop goes on.
  void beside(const std::function<void()>& act) {
    std::atomic<bool> over = false;
    std::thread thread([&] {
      act();
      over = true;
    });
    while (!over) world_.run_for(1ms);
    thread.join();
  }

  int messages_ = 0;
  BrokerWorld world_;
};

// Starting

TEST_F(RedisFaultsTest, R9ARefusedConnectionFailsAtOnce) {
  auto& user =
      world_.add(redis_broker({.url = "redis://127.0.0.1:" + std::to_string(free_port())}));
  const auto begin = steady_clock::now();
  EXPECT_THAT(user.start(), AllOf(HasSubstr("127.0.0.1"), HasSubstr("refused")));
  EXPECT_LT(steady_clock::now() - begin, 5s);
  EXPECT_THAT(user.broker().fault(), HasSubstr("refused"));
  EXPECT_EQ(user.publish("ws:broadcast", "x"), Backplane::down);
  user.subscribe({"ws:room:a"});
}

TEST_F(RedisFaultsTest, R9ARefusedLoginFailsAtOnceWithRedisOwnWords) {
  RedisProcess redis({.lines = {"requirepass secret"}});
  auto& user =
      world_.add(redis_broker({.url = "redis://:wrong@127.0.0.1:" + std::to_string(redis.port())}));
  EXPECT_THAT(user.start(), AllOf(HasSubstr("WRONGPASS"), Not(HasSubstr("wrong@"))));
}

TEST_F(RedisFaultsTest, R9AnUnresponsiveRedisFailsAfterTheTimeout) {
  FakeRedis redis(world_.loop());
  redis.answer(false);
  auto& user = world_.add(redis_broker({.url = redis.url(), .ready_timeout = 1'500ms}));
  const auto begin = steady_clock::now();
  EXPECT_THAT(user.start(),
              StartsWith("Redis client did not become ready within 1500ms (status: connect"));
  EXPECT_GE(steady_clock::now() - begin, 1'500ms) << "no answer at first is no refusal";
}

TEST_F(RedisFaultsTest, R9ARedisThatNeverConfirmsFailsAfterTheTimeout) {
  FakeRedis redis(world_.loop());
  redis.hold(true);
  auto& user = world_.add(redis_broker({.url = redis.url(), .ready_timeout = 200ms}));
  EXPECT_EQ(user.start(), "Redis client did not become ready within 200ms (status: ready)");
}

TEST_F(RedisFaultsTest, AnAclThatForbidsToSubscribeFailsAtOnce) {
  RedisProcess redis({.lines = {"user narrow on >secret +@all ~* resetchannels"}});
  auto& user = world_.add(
      redis_broker({.url = "redis://narrow:secret@127.0.0.1:" + std::to_string(redis.port())}));
  EXPECT_THAT(user.start(), HasSubstr("NOPERM"));
}

TEST_F(RedisFaultsTest, OptionsThatAreWrongAreAllNamed) {
  try {
    redis_broker({.url = "http://x", .max_publish_bytes = 0});
    FAIL();
  } catch (const std::invalid_argument& error) {
    EXPECT_THAT(error.what(), AllOf(HasSubstr("redis://"), HasSubstr("max_publish_bytes")));
  }
}

TEST_F(RedisFaultsTest, R8AServerHasTwoConnections) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  user.subscribe({"ws:room:a"});
  const auto clients = redis.call({"CLIENT", "LIST"});
  EXPECT_THAT(clients, AllOf(HasSubstr("name=wscast-pub"), HasSubstr("name=wscast-sub")));
  std::size_t connections = 0;
  for (std::size_t at = 0; (at = clients.find("name=wscast", at)) != std::string::npos; ++at) {
    ++connections;
  }
  EXPECT_EQ(connections, 2u);
}

// Redis dies

TEST_F(RedisFaultsTest, KilledAndRestartedItCarriesMessagesAgainSoon) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  user.subscribe({"ws:room:a"});
  redis.kill();
  ASSERT_TRUE(await_count(user, Counter::broker_connections_lost, 2));
  EXPECT_THAT(user.broker().fault(), HasSubstr(redis.address()));
  for (int i = 0; i < 3; ++i) EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::down);
  EXPECT_EQ(user.count(Counter::publishes_down), 3u);
  user.subscribe({"ws:room:late"});
  EXPECT_EQ(user.count(Counter::subscriptions_late), 1u);

  steady_clock::time_point answers;
  beside([&] {
    redis.start();
    answers = steady_clock::now();
  });
  ASSERT_TRUE(await_well(user));
  const auto back = steady_clock::now() - answers;
  print("subscriptions live again after Redis answered", back);
  EXPECT_LT(back, 5s);
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::ok);
  EXPECT_TRUE(receives(user, redis, "ws:room:a"));
  EXPECT_TRUE(receives(user, redis, "ws:room:late"));
}

TEST_F(RedisFaultsTest, AHundredThousandSubscriptionsLiveAgain) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  std::vector<std::string> channels;
  for (int i = 0; i < 100'000; ++i) channels.push_back("ws:client:" + std::to_string(i));
  user.subscribe(channels);
  // The publishing connection may be the last to come back; then nothing could go on meanwhile.
  for (int round = 0; round < 8 && user.count(Counter::publishes_ok) == 0; ++round) {
    redis.kill();
    ASSERT_TRUE(await_fault(user));
    steady_clock::time_point answers;
    beside([&] {
      redis.start();
      answers = steady_clock::now();
    });
    ASSERT_TRUE(world_.run_until([&] {
      user.broker().publish("ws:broadcast", "meanwhile", {});
      return user.broker().fault().empty();
    }));
    print("100,000 subscriptions live again after Redis answered", steady_clock::now() - answers);
    EXPECT_LT(steady_clock::now() - answers, 20s);
  }
  EXPECT_GT(user.count(Counter::publishes_ok), 0u) << "messages go on meanwhile";
  EXPECT_THAT(redis.call({"INFO", "stats"}), HasSubstr("pubsub_channels:100002"));
  EXPECT_TRUE(receives(user, redis, "ws:client:77777"));
  EXPECT_EQ(user.count(Counter::broker_no_deliveries), 0u);
}

// Redis hangs

TEST_F(RedisFaultsTest, AHungRedisDeliversNothingAndRecovers) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  user.subscribe({"ws:room:a"});
  redis.stop();
  const auto begin = steady_clock::now();
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::unknown);
  print("a publish was unknown after", steady_clock::now() - begin);
  EXPECT_GE(steady_clock::now() - begin, 900ms);
  ASSERT_TRUE(await_fault(user));
  print("no deliveries after", steady_clock::now() - begin);
  EXPECT_GE(steady_clock::now() - begin, 1'500ms);
  EXPECT_THAT(user.broker().fault(), AllOf(HasSubstr("no message came back"), HasSubstr("2000ms")));
  EXPECT_EQ(user.count(Counter::broker_no_deliveries), 1u);
  ASSERT_TRUE(await_count(user, Counter::broker_connections_lost, 2)) << "both reconnect";
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::down);
  redis.cont();
  const auto alive = steady_clock::now();
  ASSERT_TRUE(await_well(user));
  print("well again after", steady_clock::now() - alive);
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::ok);
  EXPECT_TRUE(receives(user, redis, "ws:room:a"));
}

TEST_F(RedisFaultsTest, WhatDoesNotFitWhileItHangsIsDown) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url(), .max_unsent_bytes = 1024 * 1024});
  redis.stop();
  std::map<Backplane, int> outcomes;
  int open = 0;
  const std::string envelope(100'000, 'x');
  for (int i = 0; i < 200; ++i) {
    ++open;
    user.broker().publish("ws:room:a", envelope, [&](Backplane outcome) {
      --open;
      ++outcomes[outcome];
    });
    world_.run_ready();
  }
  EXPECT_TRUE(world_.run_until([&] { return open == 0; }));
  EXPECT_GT(outcomes[Backplane::down], 0);
  EXPECT_GT(outcomes[Backplane::unknown], 0);
  EXPECT_EQ(outcomes[Backplane::ok], 0);
  redis.cont();
}

TEST_F(RedisFaultsTest, StoppingWhileItHangsTakesASecond) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url(), .answer_timeout = 10s});
  redis.stop();
  std::optional<Backplane> outcome;
  bool subscribed = false;
  user.broker().publish("ws:room:a", "x", [&](Backplane it) { outcome = it; });
  user.broker().subscribe({"ws:room:a"}, [&](const auto&) { subscribed = true; });
  const auto begin = steady_clock::now();
  user.stop();
  EXPECT_GE(steady_clock::now() - begin, 900ms);
  EXPECT_LT(steady_clock::now() - begin, 5s);
  EXPECT_EQ(outcome, Backplane::unknown);
  EXPECT_TRUE(subscribed);
  redis.cont();
}

// One connection

TEST_F(RedisFaultsTest, OnlyTheSubscribingConnectionIsCutAndComesBack) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  user.subscribe({"ws:room:a"});
  EXPECT_EQ(redis.call({"CLIENT", "KILL", "TYPE", "pubsub"}), "1");
  ASSERT_TRUE(await_fault(user));
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::ok) << "the other one goes on";
  ASSERT_TRUE(await_well(user));
  EXPECT_EQ(user.count(Counter::broker_connections_lost), 1u);
  EXPECT_EQ(user.gaps.size(), 1u) << "X3";
  EXPECT_TRUE(receives(user, redis, "ws:room:a"));
}

// shows: X3
TEST_F(RedisFaultsTest, AnUnresponsiveSubscribingConnectionIsReconnected) {
  FakeRedis redis(world_.loop());
  auto& user = world_.start({.url = redis.url(), .probe_interval = 50ms, .probe_timeout = 200ms});
  user.subscribe({"ws:room:a"});
  redis.silence("wscast-sub");
  ASSERT_TRUE(await_fault(user));
  EXPECT_THAT(user.broker().fault(), HasSubstr("no message came back"));
  ASSERT_TRUE(await_well(user));
  EXPECT_EQ(redis.connected("wscast-sub"), 2u);
  EXPECT_EQ(redis.connected("wscast-pub"), 1u);
  EXPECT_EQ(user.count(Counter::broker_no_deliveries), 1u);
  ASSERT_EQ(user.gaps.size(), 1u);
  EXPECT_GE(user.gaps[0], 200ms) << "it began before it was found";
  redis.publish("ws:room:a", "x");
  EXPECT_TRUE(world_.run_until([&] { return !user.envelopes.empty(); }));
}

TEST_F(RedisFaultsTest, AnUnresponsivePublishingConnectionIsReconnected) {
  FakeRedis redis(world_.loop());
  auto& user = world_.start({.url = redis.url(),
                             .answer_timeout = 100ms,
                             .probe_interval = 50ms,
                             .probe_timeout = 200ms});
  redis.silence("wscast-pub");
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::unknown);
  ASSERT_TRUE(await_fault(user));
  EXPECT_THAT(user.broker().fault(), HasSubstr("has not answered for 200ms"));
  ASSERT_TRUE(await_well(user));
  EXPECT_EQ(redis.connected("wscast-pub"), 2u);
  EXPECT_EQ(redis.connected("wscast-sub"), 1u);
  EXPECT_EQ(user.count(Counter::broker_no_deliveries), 1u);
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::ok);
  EXPECT_TRUE(user.gaps.empty()) << "its publishers were told";
}

TEST_F(RedisFaultsTest, RedisCutsTheSubscribingConnectionForItsOutputBufferAndItComesBack) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  user.subscribe({"ws:room:a"});
  redis.call({"CONFIG", "SET", "client-output-buffer-limit", "pubsub 1mb 0 0"});
  // Nothing is read meanwhile: the loop stands still.
  const std::string flood(100'000, 'x');
  std::string receivers = "1";
  for (int i = 0; i < 1'000 && receivers != "0"; ++i) {
    receivers = redis.call({"PUBLISH", "ws:room:a", flood});
  }
  EXPECT_EQ(receivers, "0") << "it was not cut";
  ASSERT_TRUE(await_count(user, Counter::broker_connections_lost, 1));
  ASSERT_TRUE(await_well(user));
  EXPECT_TRUE(receives(user, redis, "ws:room:a"));
}

TEST_F(RedisFaultsTest, WhatRedisSaysUnaskedIsCountedAndNoHarm) {
  FakeRedis redis(world_.loop());
  auto& user = world_.start({.url = redis.url()});
  redis.say("wscast-sub",
            "*3\r\n$9\r\nsubscribe\r\n$5\r\nnever\r\n:1\r\n"
            "*3\r\n$11\r\nunsubscribe\r\n$12\r\nws:broadcast\r\n:1\r\n"
            "*3\r\n$7\r\nmessage\r\n$1\r\nx\r\n:1\r\n*0\r\n$-1\r\n+OK\r\n:5\r\n");
  EXPECT_TRUE(await_count(user, Counter::broker_unexpected, 7));
  redis.say("wscast-pub", "+OK\r\n");
  EXPECT_TRUE(await_count(user, Counter::broker_unexpected, 8));
  EXPECT_EQ(user.broker().fault(), "");
  redis.say("wscast-sub", "HTTP/1.1 400 Bad Request\r\n");
  EXPECT_TRUE(await_count(user, Counter::broker_connections_lost, 1));
  EXPECT_TRUE(await_well(user));
}

// Poison

std::vector<std::string> poison(const std::string& server_id) {
  std::vector<std::string> all{"",
                               "null",
                               "[]",
                               "{\"serverId\":1,\"type\":\"room\"}",
                               R"({"serverId":"s","type":"planet","target":"x","event":"e"})",
                               R"({"serverId":"s","type":"room","event":"e"})",
                               "{\"serverId\":\"" + server_id + "\",\"type\":\"broadcast\"}",
                               "\xff\xfe\xc0\x80",
                               std::string(200'000, '[')};
  std::string excludes = R"({"serverId":"s","type":"broadcast","event":"e","exclude":[)";
  for (int i = 0; i < 100'000; ++i) excludes += "\"client" + std::to_string(i) + "\",";
  all.push_back(excludes + "\"\"]}");
  std::mt19937 random(7);
  for (int i = 0; i < 200; ++i) {
    std::string bytes;
    for (auto n = random() % 2'000; n > 0; --n) bytes += static_cast<char>(random());
    all.push_back(bytes);
  }
  return all;
}

TEST_F(RedisFaultsTest, R11PoisonReachesTheHostOrIsCountedAndTheConnectionStays) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url()});
  user.subscribe({"ws:room:a"});
  const auto all = poison(user.server_id());
  for (const auto& text : all) redis.call({"PUBLISH", "ws:room:a", text});
  redis.call({"PUBLISH", "ws:probe:" + user.server_id(), "no number"});
  ASSERT_TRUE(world_.run_until([&] { return user.envelopes.size() == all.size(); }));
  EXPECT_TRUE(std::equal(all.begin(), all.end(), user.envelopes.begin()));
  EXPECT_TRUE(await_count(user, Counter::broker_unexpected, 1));

  const std::string huge(10'000'000, 'x');
  const std::string just_over(8 * 1024 * 1024 + 1, 'x');
  const std::string just(8 * 1024 * 1024, 'x');
  for (const auto& text : {huge, just_over, huge}) redis.call({"PUBLISH", "ws:room:a", text});
  ASSERT_TRUE(await_count(user, Counter::broker_oversize, 3));
  EXPECT_EQ(user.envelopes.size(), all.size());
  redis.call({"PUBLISH", "ws:room:a", just});
  ASSERT_TRUE(world_.run_until([&] { return user.envelopes.size() == all.size() + 1; }));
  EXPECT_EQ(user.envelopes.back().size(), just.size());

  EXPECT_TRUE(receives(user, redis, "ws:room:a"));
  EXPECT_EQ(user.count(Counter::broker_connections_lost), 0u);
  EXPECT_EQ(user.broker().fault(), "");
}

TEST_F(RedisFaultsTest, AMessageOverTheLimitIsNotPublished) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url(), .max_publish_bytes = 1'000});
  EXPECT_EQ(user.broker().max_publish_bytes(), 1'000u);
  EXPECT_EQ(user.publish("ws:broadcast", std::string(1'001, 'x')), Backplane::down);
  EXPECT_EQ(user.publish("ws:broadcast", std::string(1'000, 'x')), Backplane::ok);
  EXPECT_TRUE(world_.run_until([&] { return user.envelopes.size() == 1; }));
}

// shows: X3
TEST_F(RedisFaultsTest, OfMessagesThatAreTooLongTheHostIsToldBeforeWhatComesNext) {
  RedisProcess redis;
  auto& user = world_.start({.url = redis.url(),
                             .prefix = "app:",
                             .max_publish_bytes = 100'000,
                             .max_receive_bytes = 100'000});
  user.subscribe({"ws:room:a", "ws:room:b"});
  std::vector<std::size_t> losses_before;
  user.when_envelope = [&](std::string_view) { losses_before.push_back(user.losses.size()); };
  const auto say = [&](const std::string& channel, std::size_t bytes) {
    redis.call({"PUBLISH", channel, std::string(bytes, 'x')});
  };
  say("app:ws:room:a", 1'000);
  for (int i = 0; i < 20; ++i) say("app:ws:room:a", i % 2 == 0 ? 100'001 : 1'000'000);
  say("app:ws:room:a", 1'000);
  say("app:ws:room:b", 100'001);
  ASSERT_TRUE(await_count(user, Counter::broker_oversize, 21));
  ASSERT_TRUE(world_.run_until([&] { return user.losses.size() >= 3; }));
  ASSERT_EQ(losses_before.size(), 2u);
  EXPECT_EQ(losses_before[0], 0u);
  EXPECT_GE(losses_before[1], 1u);
  world_.run_for(1'200ms);
  std::map<std::string, int> told;
  for (const auto& channels : user.losses) {
    for (const auto& channel : channels) ++told[channel];
  }
  EXPECT_EQ(told["ws:room:b"], 1);
  EXPECT_GE(told["ws:room:a"], 2) << "at once, and at the end of the second";
  EXPECT_LE(told["ws:room:a"], 3) << "a flood is no flood of notices";
  EXPECT_TRUE(user.gaps.empty());
}

// shows: X3
TEST_F(RedisFaultsTest, OfChannelsThatAreConfirmedTooLateTheHostIsTold) {
  FakeRedis redis(world_.loop());
  auto& user = world_.start({.url = redis.url(), .prefix = "app:", .answer_timeout = 100ms});
  redis.hold(true);
  user.subscribe({"ws:room:a", "ws:room:b"});
  EXPECT_EQ(user.count(Counter::subscriptions_late), 1u);
  EXPECT_TRUE(user.losses.empty()) << "they may miss more until they are subscribed";
  while (redis.take_next()) {
  }
  redis.hold(false);
  ASSERT_TRUE(world_.run_until([&] { return !user.losses.empty(); }));
  world_.run_for(50ms);
  std::vector<std::string> lost;
  for (const auto& channels : user.losses)
    lost.insert(lost.end(), channels.begin(), channels.end());
  EXPECT_THAT(lost, testing::UnorderedElementsAre("ws:room:a", "ws:room:b"));
  user.subscribe({"ws:room:c"});
  world_.run_for(50ms);
  EXPECT_EQ(lost.size(), 2u) << "in time";
}

// Several Redis

RedisProcess* node_of(ClusterGroup& group, const std::string& client_name) {
  for (const auto& node : group.nodes()) {
    const auto clients = node->call({"CLIENT", "LIST"});
    if (clients.find("name=" + client_name) != std::string::npos) return node.get();
  }
  return nullptr;
}

TEST_F(RedisFaultsTest, FollowsAFailoverBySentinel) {
  SentinelGroup group(3);
  auto& user = world_.start({.url = group.url()});
  user.subscribe({"ws:room:a"});
  EXPECT_TRUE(receives(user, group.first(), "ws:room:a"));
  group.first().kill();
  ASSERT_TRUE(await_fault(user));
  const auto begin = steady_clock::now();
  ASSERT_TRUE(await_well(user));
  print("on the new master after", steady_clock::now() - begin);
  EXPECT_EQ(user.publish("ws:room:a", "x"), Backplane::ok);
  EXPECT_TRUE(receives(user, group.second(), "ws:room:a"));
}

TEST_F(RedisFaultsTest, WhatIsNotTheMasterAnyMoreDeliversNothing) {
  SentinelGroup group(1);
  auto& user = world_.start({.url = group.url()});
  user.subscribe({"ws:room:a"});
  beside([&] {
    group.swap();
    group.first().call({"REPLICAOF", "127.0.0.1", std::to_string(group.second().port())});
  });
  ASSERT_TRUE(await_count(user, Counter::broker_no_deliveries, 1));
  EXPECT_THAT(user.broker().fault(), HasSubstr("not the master"));
  ASSERT_TRUE(await_well(user));
  const auto clients = group.second().call({"CLIENT", "LIST"});
  EXPECT_THAT(clients, AllOf(HasSubstr("name=wscast-pub"), HasSubstr("name=wscast-sub")));
  EXPECT_TRUE(receives(user, group.second(), "ws:room:a"));
}

TEST_F(RedisFaultsTest, NodesThatTheUrlDoesNotNameServeWhenTheNamedOneDies) {
  ClusterGroup group;
  const std::string only = "redis-cluster://" + group.nodes()[0]->address();
  auto& one = world_.start({.url = only});
  auto& two = world_.start({.url = only});
  two.subscribe({"ws:room:a"});
  group.nodes()[0]->kill();
  ASSERT_TRUE(await_count(one, Counter::broker_connections_lost, 2));
  ASSERT_TRUE(await_count(two, Counter::broker_connections_lost, 2));
  ASSERT_TRUE(await_well(one));
  ASSERT_TRUE(await_well(two));
  int sent = 0;
  EXPECT_TRUE(world_.run_until([&] {
    one.publish("ws:room:a", std::to_string(++sent));
    world_.run_for(10ms);
    return !two.envelopes.empty();
  }));
}

TEST_F(RedisFaultsTest, AnotherNodeOfTheClusterServesWhenOneDies) {
  ClusterGroup group;
  auto& one = world_.start({.url = group.url()});
  auto& two = world_.start({.url = group.url()});
  two.subscribe({"ws:room:a"});
  auto& victim = *node_of(group, "wscast-sub");
  victim.kill();
  ASSERT_TRUE(world_.run_until([&] {
    return one.count(Counter::broker_connections_lost) +
               two.count(Counter::broker_connections_lost) >
           0;
  }));
  ASSERT_TRUE(await_well(one));
  ASSERT_TRUE(await_well(two));
  // The server that lost its connection last notices last, and the nodes may need a while to find
  // each other well.
  int sent = 0;
  bool taken = false;
  EXPECT_TRUE(world_.run_until([&] {
    taken |= one.publish("ws:room:a", std::to_string(++sent)) == Backplane::ok;
    world_.run_for(10ms);
    return taken && !two.envelopes.empty();
  }));
}

}  // namespace
}  // namespace wscast::test
