#include <algorithm>
#include <chrono>
#include <functional>
#include <string>

#include <boost/asio/post.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connection_world.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using test::RedisProcess;
using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;

TEST(RedisConnectionTest, ItConnectsNamesItselfAndCarriesCommandsAndReplies) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  EXPECT_EQ(world.connection().status(), "connecting");
  EXPECT_FALSE(world.connection().ready());
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().peer(), redis.address());
  EXPECT_EQ(world.ask({"CLIENT", "GETNAME"}), "wscast-sub");
  EXPECT_EQ(world.ask({"SET", "key", "value"}), "OK");
  EXPECT_EQ(world.ask({"GET", "key"}), "value");
  EXPECT_EQ(world.ask({"INCR", "number"}), "1");
  EXPECT_THAT(world.losses(), IsEmpty());
}

TEST(RedisConnectionTest, AUnixSocketServesToo) {
  RedisProcess redis;
  ConnectionWorld world("unix://" + redis.unix_path().string());
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.connection().peer(), redis.unix_path().string());
  EXPECT_EQ(world.ask({"PING"}), "PONG");
}

TEST(RedisConnectionTest, AHostNameIsLookedUp) {
  RedisProcess redis;
  ConnectionWorld world("redis://localhost:" + std::to_string(redis.port()));
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.ask({"PING"}), "PONG");
}

TEST(RedisConnectionTest, PasswordAndDatabaseAreSentBeforeAnythingElse) {
  RedisProcess redis({.lines = {"requirepass secret"}});
  ConnectionWorld world("redis://:secret@" + redis.address() + "/3");
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_THAT(world.ask({"CLIENT", "INFO"}),
              AllOf(HasSubstr(" db=3 "), HasSubstr(" name=wscast-sub "), HasSubstr("default")));
}

TEST(RedisConnectionTest, AUserNeedsNoRightToNameItself) {
  RedisProcess redis({.lines = {"user chat on >secret resetchannels &* +publish +subscribe"}});
  ConnectionWorld world("redis://chat:secret@" + redis.address());
  world.start();
  ASSERT_TRUE(world.await_ready());
  EXPECT_EQ(world.ask({"PUBLISH", "channel", "text"}), "0");
  EXPECT_THAT(world.ask({"GET", "key"}), StartsWith("NOPERM"));
}

TEST(RedisConnectionTest, WhatIsQueuedInOneIterationLeavesInOneWrite) {
  ConnectionWorld world("");
  ScriptedRedis fake(world.loop(), "+OK\r\n");
  world.options().url = "redis://:secret@" + fake.address() + "/2";
  world.start();
  ASSERT_TRUE(world.run_until([&] { return !fake.requests().empty(); }));
  EXPECT_EQ(fake.requests().front(), command({"AUTH", "secret"}) +
                                         command({"CLIENT", "SETNAME", "wscast-sub"}) +
                                         command({"SELECT", "2"}));
  ConnectionWorld ready("");
  ScriptedRedis willing(ready.loop(), "+OK\r\n");
  ready.options().url = "redis://" + willing.address();
  ready.start();
  ASSERT_TRUE(ready.await_ready());
  ready.connection().send("one ");
  ready.connection().send("two ");
  ASSERT_TRUE(ready.run_until([&] { return willing.requests().size() == 2; }));
  EXPECT_EQ(willing.requests().back(), "one two ");
}

TEST(RedisConnectionTest, AHundredThousandCommandsAreAnsweredInOrderAndTheLoopGoesOnMeanwhile) {
  constexpr int kCommands = 100'000;
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  std::string commands;
  for (int i = 0; i < kCommands; ++i) commands += command({"INCR", "number"});
  world.connection().send(commands);
  auto last_turn = steady_clock::now();
  auto longest = steady_clock::duration::zero();
  std::function<void()> iterate = [&] {
    longest = std::max(longest, steady_clock::now() - last_turn);
    last_turn = steady_clock::now();
    if (world.replies().size() < kCommands) boost::asio::post(world.loop(), iterate);
  };
  iterate();
  ASSERT_TRUE(world.run_until([&] { return world.replies().size() == kCommands; }));
  for (int i = 0; i < kCommands; ++i) {
    ASSERT_EQ(world.replies()[static_cast<std::size_t>(i)], std::to_string(i + 1));
  }
  EXPECT_LT(longest, 500ms);  // In one go: until all was handled.
  EXPECT_EQ(world.connection().unsent(), 0U);
}

TEST(RedisConnectionTest, ASlowHandlerGetsOneSliceOfRepliesPerIteration) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.start();
  ASSERT_TRUE(world.await_ready());
  std::string commands;
  for (int i = 0; i < 200; ++i) commands += command({"PING"});
  std::size_t most = 0;
  std::size_t before = 0;
  world.when_reply = [] {
    for (const auto until = steady_clock::now() + 1ms; steady_clock::now() < until;) {
    }
  };
  world.connection().send(commands);
  world.run_until([&] {
    most = std::max(most, world.replies().size() - before);
    before = world.replies().size();
    return before == 200;
  });
  EXPECT_LE(most, 32U);
}

}  // namespace
}  // namespace wscast::redis
