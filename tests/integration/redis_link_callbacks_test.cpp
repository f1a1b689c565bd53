#include <chrono>
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "link_world.h"

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;
using test::RedisProcess;
using testing::ElementsAre;

TEST(RedisLinkCallbackTest, StoppedInAnyStateItTellsNothingMore) {
  RedisProcess redis;
  {
    LinkWorld connecting(redis.url());
    connecting.start();
    connecting.link().stop();
    EXPECT_EQ(connecting.link().status(), "end");
    connecting.run_for(50ms);
    EXPECT_EQ(connecting.calls(), 0);
  }
  {
    LinkWorld looking_up("redis://localhost:" + std::to_string(redis.port()));
    looking_up.start();
    looking_up.link().stop();
    looking_up.run_for(50ms);
    EXPECT_EQ(looking_up.calls(), 0);
  }
  {
    LinkWorld greeting("");
    FakeRedis mute(greeting.loop(), "");
    greeting.options().url = "redis://" + mute.address();
    greeting.start();
    ASSERT_TRUE(greeting.run_until([&] { return !mute.requests().empty(); }));
    EXPECT_EQ(greeting.link().status(), "connect");
    greeting.link().stop();
    greeting.run_for(50ms);
    EXPECT_EQ(greeting.calls(), 0);
  }
  {
    LinkWorld ready(redis.url());
    ready.start();
    ASSERT_TRUE(ready.await_ready());
    ready.link().send(command({"PING"}));
    ready.link().stop();
    ready.link().send(command({"PING"}));
    ready.link().redial("no more");
    ready.run_for(50ms);
    EXPECT_EQ(ready.calls(), 1);
  }
  {
    LinkWorld lost(redis.url());
    lost.start();
    ASSERT_TRUE(lost.await_ready());
    lost.link().redial("on_lost is on its way");
    lost.link().stop();
    lost.run_for(50ms);
    EXPECT_EQ(lost.calls(), 1);
  }
  {
    LinkWorld waiting(redis.url());
    waiting.start();
    ASSERT_TRUE(waiting.await_ready());
    waiting.link().redial("to wait");
    ASSERT_TRUE(waiting.await_lost());
    waiting.link().stop();
    waiting.run_for(500ms);
    EXPECT_EQ(waiting.calls(), 2);
  }
}

TEST(RedisLinkCallbackTest, AHandlerMayStopOrRedialWhereverItIsCalled) {
  RedisProcess redis;
  for (const bool stop : {true, false}) {
    const auto act = [stop](LinkWorld& world) {
      if (stop) world.link().stop();
      world.link().redial("as asked");
    };
    LinkWorld when_ready(redis.url());
    when_ready.when_ready = [&] { act(when_ready); };
    when_ready.start();
    ASSERT_TRUE(when_ready.await_ready());
    when_ready.run_for(50ms);
    EXPECT_EQ(when_ready.losses().size(), stop ? 0U : 1U);

    LinkWorld when_reply(redis.url());
    when_reply.when_reply = [&] { act(when_reply); };
    when_reply.start();
    ASSERT_TRUE(when_reply.await_ready());
    when_reply.ask({"PING"});
    when_reply.run_for(50ms);
    EXPECT_EQ(when_reply.losses().size(), stop ? 0U : 1U);

    LinkWorld when_lost(redis.url());
    when_lost.when_lost = [&] { act(when_lost); };
    when_lost.start();
    ASSERT_TRUE(when_lost.await_ready());
    when_lost.link().redial("to begin with");
    ASSERT_TRUE(when_lost.await_lost());
    when_lost.run_for(600ms);
    EXPECT_EQ(when_lost.readies(), stop ? 1 : 2);
  }
}

TEST(RedisLinkCallbackTest, RepliesBehindTheOneThatEndedTheLinkAreNotTold) {
  RedisProcess redis;
  LinkWorld world(redis.url());
  world.when_reply = [&] { world.link().redial("enough"); };
  world.start();
  ASSERT_TRUE(world.await_ready());
  world.link().send(command({"ECHO", "1"}) + command({"ECHO", "2"}));
  ASSERT_TRUE(world.await_ready());
  EXPECT_THAT(world.replies(), ElementsAre("1"));
}

TEST(RedisLinkCallbackTest, ALoopThatIsGoneWithALinkInFlightIsNoHarm) {
  RedisProcess redis;
  auto world = std::make_unique<LinkWorld>(redis.url());
  world->start();
  ASSERT_TRUE(world->await_ready());
  world->link().send(command({"PING"}));
  world->loop().poll();
  world.reset();
}

}  // namespace
}  // namespace wscast::redis
