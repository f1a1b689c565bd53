#include <chrono>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "connection_world.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using test::RedisProcess;
using testing::ElementsAre;

TEST(RedisConnectionCallbackTest, StoppedInAnyStateItReportsNothingMore) {
  RedisProcess redis;
  {
    ConnectionWorld connecting(redis.url());
    connecting.start();
    connecting.connection().stop();
    EXPECT_EQ(connecting.connection().status(), "end");
    connecting.run_for(50ms);
    EXPECT_EQ(connecting.calls(), 0);
  }
  {
    ConnectionWorld looking_up("redis://localhost:" + std::to_string(redis.port()));
    looking_up.start();
    looking_up.connection().stop();
    looking_up.run_for(50ms);
    EXPECT_EQ(looking_up.calls(), 0);
  }
  {
    ConnectionWorld handshaking("");
    ScriptedRedis unresponsive(handshaking.loop(), "");
    handshaking.options().url = "redis://" + unresponsive.address();
    handshaking.start();
    ASSERT_TRUE(handshaking.run_until([&] { return !unresponsive.requests().empty(); }));
    EXPECT_EQ(handshaking.connection().status(), "connect");
    handshaking.connection().stop();
    handshaking.run_for(50ms);
    EXPECT_EQ(handshaking.calls(), 0);
  }
  {
    ConnectionWorld ready(redis.url());
    ready.start();
    ASSERT_TRUE(ready.await_ready());
    ready.connection().send(command({"PING"}));
    ready.connection().stop();
    ready.connection().send(command({"PING"}));
    ready.connection().reconnect("no more");
    ready.run_for(50ms);
    EXPECT_EQ(ready.calls(), 1);
  }
  {
    ConnectionWorld lost(redis.url());
    lost.start();
    ASSERT_TRUE(lost.await_ready());
    lost.connection().reconnect("on_lost is on its way");
    lost.connection().stop();
    lost.run_for(50ms);
    EXPECT_EQ(lost.calls(), 1);
  }
  {
    ConnectionWorld waiting(redis.url());
    waiting.start();
    ASSERT_TRUE(waiting.await_ready());
    waiting.connection().reconnect("to wait");
    ASSERT_TRUE(waiting.await_lost());
    waiting.connection().stop();
    waiting.run_for(500ms);
    EXPECT_EQ(waiting.calls(), 2);
  }
}

TEST(RedisConnectionCallbackTest, AHandlerMayStopOrReconnectWhereverItIsCalled) {
  RedisProcess redis;
  for (const bool stop : {true, false}) {
    const auto act = [stop](ConnectionWorld& world) {
      if (stop) world.connection().stop();
      world.connection().reconnect("as asked");
    };
    ConnectionWorld when_ready(redis.url());
    when_ready.when_ready = [&] { act(when_ready); };
    when_ready.start();
    ASSERT_TRUE(when_ready.await_ready());
    when_ready.run_for(50ms);
    EXPECT_EQ(when_ready.losses().size(), stop ? 0U : 1U);

    ConnectionWorld when_reply(redis.url());
    when_reply.when_reply = [&] { act(when_reply); };
    when_reply.start();
    ASSERT_TRUE(when_reply.await_ready());
    when_reply.ask({"PING"});
    when_reply.run_for(50ms);
    EXPECT_EQ(when_reply.losses().size(), stop ? 0U : 1U);

    ConnectionWorld when_lost(redis.url());
    when_lost.when_lost = [&] { act(when_lost); };
    when_lost.start();
    ASSERT_TRUE(when_lost.await_ready());
    when_lost.connection().reconnect("to begin with");
    ASSERT_TRUE(when_lost.await_lost());
    when_lost.run_for(600ms);
    EXPECT_EQ(when_lost.readies(), stop ? 1 : 2);
  }
}

TEST(RedisConnectionCallbackTest, RepliesBehindTheOneThatEndedTheConnectionAreDropped) {
  RedisProcess redis;
  ConnectionWorld world(redis.url());
  world.when_reply = [&] { world.connection().reconnect("enough"); };
  world.start();
  ASSERT_TRUE(world.await_ready());
  world.connection().send(command({"ECHO", "1"}) + command({"ECHO", "2"}));
  ASSERT_TRUE(world.await_ready());
  EXPECT_THAT(world.replies(), ElementsAre("1"));
}

TEST(RedisConnectionCallbackTest, ALoopThatIsGoneWithAConnectionInFlightIsNoHarm) {
  RedisProcess redis;
  auto world = std::make_unique<ConnectionWorld>(redis.url());
  world->start();
  ASSERT_TRUE(world->await_ready());
  world->connection().send(command({"PING"}));
  world->loop().poll();
  world.reset();
}

}  // namespace
}  // namespace wscast::redis
