#include <sys/prctl.h>
#include <sys/wait.h>

#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connection_world.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::RedisProcess;
using testing::AllOf;
using testing::Each;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using testing::StartsWith;

TEST(RedisConnectionFaultTest, AnUnknownHostNameIsReported) {
  ConnectionWorld world("redis://no-such-host.invalid:6379");
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre(StartsWith("refused no-such-host.invalid:6379: ")));
  ASSERT_TRUE(world.await_lost());  // And tried again.
}

TEST(RedisConnectionFaultTest, AWrongPasswordIsReportedInRedisOwnWordsAndWithoutThePassword) {
  RedisProcess redis({.lines = {"requirepass secret"}});
  ConnectionWorld world("redis://:hunter2@" + redis.address());
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre("refused " + redis.address() +
                                          ": WRONGPASS invalid username-password pair or user is "
                                          "disabled."));
  ConnectionWorld without(redis.url());
  without.start();
  ASSERT_TRUE(without.await_lost());
  EXPECT_THAT(without.losses(),
              ElementsAre("refused " + redis.address() + ": NOAUTH Authentication required."));
}

TEST(RedisConnectionFaultTest, ARedisThatRepeatsThePasswordIsNotQuoted) {
  RedisProcess redis({.lines = {"rename-command AUTH \"\""}});
  ConnectionWorld world("redis://:hunter2@" + redis.address());
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses().front(),
              AllOf(HasSubstr("ERR unknown command"), Not(HasSubstr("hunter2"))));
}

TEST(RedisConnectionFaultTest, ADatabaseThatIsNotThereIsReported) {
  RedisProcess redis;
  ConnectionWorld world(redis.url() + "/99");
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre(HasSubstr("ERR DB index is out of range")));
}

TEST(RedisConnectionFaultTest, ARefusedPortIsReportedOncePerAttemptWithItsAddress) {
  const std::string address = "127.0.0.1:" + std::to_string(test::free_port());
  ConnectionWorld world("redis://" + address);
  world.options().min_reconnect_delay = 20ms;
  world.options().max_reconnect_delay = 60ms;
  world.start();
  const auto begin = steady_clock::now();
  ASSERT_TRUE(world.run_until([&] { return world.losses().size() == 6; }));
  const auto took = steady_clock::now() - begin;
  EXPECT_GE(took, 5 * 20ms);
  EXPECT_LE(took, 5 * 60ms + 10s);  // Not growing.
  EXPECT_THAT(world.losses(), Each("refused " + address + ": Connection refused"));
}

TEST(RedisConnectionFaultTest, AKilledRedisIsFoundAgainSoonAfterItIsBack) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  redis.kill();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre(StartsWith("lost " + redis.address() + ": ")));
  world.connection().send(command({"PING"}));  // Goes nowhere.
  ASSERT_TRUE(world.await_lost());
  redis.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.ask({"ECHO", "again"}), "again");
  EXPECT_THAT(world.replies(), ElementsAre("again"));
}

TEST(RedisConnectionFaultTest, AConnectionThatRedisEndsIsMadeAgain) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  ASSERT_EQ(redis.call({"CLIENT", "KILL", "TYPE", "normal"}), "1");
  ASSERT_TRUE(world.await_ready());
  EXPECT_THAT(world.losses(), ElementsAre("lost " + redis.address() + ": closed the connection"));
}

TEST(RedisConnectionFaultTest, AHangingRedisIsReconnectedToUntilItGoesOn) {
  RedisProcess redis;
  redis.stop();
  ConnectionWorld world(redis.url());
  world.options().answer_timeout = 100ms;  // Logging in has a second all the same.
  const auto begin = steady_clock::now();
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_GE(steady_clock::now() - begin, 1s);
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), Each("refused " + redis.address() + ": no answer within 1000 ms"));
  redis.cont();
  EXPECT_TRUE(world.await_ready());
}

TEST(RedisConnectionFaultTest, WhatAHangingRedisDoesNotTakeIsCountedAndForgottenOnAReconnect) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().unsent(), 0U);
  redis.stop();
  const std::string large = command({"ECHO", std::string(16 << 20, 'x')});
  world.connection().send(large);
  EXPECT_EQ(world.connection().unsent(), large.size());
  world.run_for(200ms);
  EXPECT_GT(world.connection().unsent(), 0U);
  EXPECT_LT(world.connection().unsent(), large.size());
  world.connection().reconnect("nothing came");
  EXPECT_FALSE(world.connection().ready());
  EXPECT_THAT(world.losses(), IsEmpty());  // Reported from the loop.
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre("lost " + redis.address() + ": nothing came"));
  EXPECT_EQ(world.connection().unsent(), 0U);
  redis.cont();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.ask({"PING"}), "PONG");
}

TEST(RedisConnectionFaultTest, WhatRedisSaysBeforeItClosesIsReported) {
  RedisProcess redis({.lines = {"maxclients 1"}});
  ConnectionWorld first(redis.url());
  first.start();
  ASSERT_TRUE(first.await_ready());
  ConnectionWorld second(redis.url());
  second.start();
  ASSERT_TRUE(second.await_lost());
  EXPECT_THAT(second.losses(),
              ElementsAre("refused " + redis.address() + ": ERR max number of clients reached"));
}

TEST(RedisConnectionFaultTest, AnErrorToTheLoginIsReported) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), "-LOADING Redis is loading the dataset in memory\r\n");
  world.options().url = "redis://" + fake.address();
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre("refused " + fake.address() +
                                          ": LOADING Redis is loading the dataset in memory"));
}

TEST(RedisConnectionFaultTest, WhatIsNoRedisIsReported) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), "HTTP/1.1 400 Bad Request\r\n\r\n");
  world.options().url = "redis://" + fake.address();
  world.start();
  ASSERT_TRUE(world.await_lost());
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(),
              Each("refused " + fake.address() + ": does not speak Redis' protocol"));
}

TEST(RedisConnectionFaultTest, GarbageOnAReadyConnectionLosesIt) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), "+OK\r\n+PONG\r\n\x01garbage\r\n");
  world.options().url = "redis://" + fake.address();
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_EQ(world.readies(), 1);
  EXPECT_THAT(world.replies(), ElementsAre("PONG"));
  EXPECT_THAT(world.losses(),
              ElementsAre("lost " + fake.address() + ": does not speak Redis' protocol"));
}

TEST(RedisConnectionFaultTest, BytesMayComeOneByOne) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), "+OK\r\n", 1);
  world.options().url = "redis://" + fake.address();
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.ask({"PING"}), "OK");
  EXPECT_EQ(fake.connections(), 1U);
}

TEST(RedisConnectionFaultTest, OneThatClosesAtOnceIsReconnectedTo) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), [](auto socket) { socket->close(); });
  world.options().url = "redis://" + fake.address();
  world.start();
  ASSERT_TRUE(world.await_lost());
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), Each(StartsWith("refused " + fake.address() + ": ")));
  EXPECT_EQ(fake.connections(), 2U);
}

TEST(RedisConnectionFaultTest, AnUnresponsiveOneIsGivenUp) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), "");
  world.options().url = "redis://" + fake.address();
  world.start();
  ASSERT_TRUE(world.await_lost());
  EXPECT_THAT(world.losses(), ElementsAre(HasSubstr("no answer within 1000 ms")));
}

TEST(RedisConnectionFaultTest, AValueOverTheLimitIsSkippedAndTheConnectionStays) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.options().max_receive_bytes = 1000;
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.ask({"SET", "key", std::string(10 << 20, 'x')}), "OK");
  EXPECT_EQ(world.ask({"GET", "key"}), "");
  EXPECT_EQ(world.ask({"ECHO", "still here"}), "still here");
  EXPECT_THAT(world.losses(), IsEmpty());
}

/// Descriptors in all epoll sets of this process.
std::size_t watched() {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fdinfo")) {
    std::ifstream info(entry.path());
    for (std::string line; std::getline(info, line);) count += line.starts_with("tfd:") ? 1 : 0;
  }
  return count;
}

/// A child that has copies of all descriptors, as between fork and exec.
class ForkedChild {
 public:
  ForkedChild() : process_(::fork()) {
    if (process_ != 0) return;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    while (true) ::pause();
  }
  ~ForkedChild() {
    ::kill(process_, SIGKILL);
    ::waitpid(process_, nullptr, 0);
  }
  ForkedChild(const ForkedChild&) = delete;
  ForkedChild& operator=(const ForkedChild&) = delete;

 private:
  const pid_t process_;
};

TEST(RedisConnectionFaultTest, AConnectionEndsThoughAForkedChildHasItsDescriptor) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  const std::size_t before = watched();
  const ForkedChild child;
  world.connection().reconnect("again");
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(watched(), before) << "the old one is still waited for";
  EXPECT_TRUE(world.run_until([&] {
    const auto clients = redis.call({"CLIENT", "LIST"});
    const auto at = clients.find("name=wscast-sub");
    world.run_for(1ms);
    return at != clients.npos && clients.find("name=wscast-sub", at + 1) == clients.npos;
  })) << "Redis does not see the end of the old one";
}

TEST(RedisConnectionFaultTest, WhetherWaitingMayHelpIsKnown) {
  RedisProcess redis({.lines = {"requirepass secret"}});
  const std::string unused = "127.0.0.1:" + std::to_string(test::free_port());
  ConnectionWorld absent("redis://" + unused);
  absent.start();
  ASSERT_TRUE(absent.await_lost());
  EXPECT_TRUE(absent.connection().may_succeed_later());
  ConnectionWorld refused("redis://:wrong@" + redis.address());
  refused.start();
  ASSERT_TRUE(refused.await_lost());
  EXPECT_FALSE(refused.connection().may_succeed_later());
  ConnectionWorld both("redis-cluster://:wrong@" + redis.address() + "," + unused);
  both.start();
  ASSERT_TRUE(both.await_lost());
  EXPECT_FALSE(both.connection().may_succeed_later());

  ConnectionWorld loading("");
  ScriptedRedis fake(loading.loop(), "-LOADING Redis is loading the dataset in memory\r\n");
  loading.options().url = "redis://" + fake.address();
  loading.start();
  ASSERT_TRUE(loading.await_lost());
  EXPECT_TRUE(loading.connection().may_succeed_later());
  EXPECT_THAT(loading.losses().front(), HasSubstr("LOADING"));
}

}  // namespace
}  // namespace wscast::redis
