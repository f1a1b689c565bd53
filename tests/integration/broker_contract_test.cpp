// What every broker promises (broker/broker.h).

#include <chrono>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/broker.h"
#include "wscast/redis.h"

#include "support/broker_world.h"
#include "support/bus.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

/// What the brokers of one test share.
class Medium {
 public:
  virtual ~Medium() = default;
  virtual std::shared_ptr<Broker> broker() = 0;
};

class MemoryMedium : public Medium {
 public:
  std::shared_ptr<Broker> broker() override { return memory_broker(); }
};

/// The stand-in of other tests keeps the promises too.
class BusMedium : public Medium {
 public:
  std::shared_ptr<Broker> broker() override { return bus_.broker(); }

 private:
  Bus bus_;
};

class RedisMedium : public Medium {
 public:
  explicit RedisMedium(RedisSubscribe subscribe) : subscribe_(subscribe) {}
  std::shared_ptr<Broker> broker() override {
    return redis_broker({.url = redis_.url(),
                         .prefix = "a*[b]\\?:",
                         .subscribe = subscribe_,
                         .unsubscribe_after = 10ms});
  }

 private:
  const RedisSubscribe subscribe_;
  RedisProcess redis_;
};

struct Kind {
  const char* name;
  std::unique_ptr<Medium> (*make)();
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class BrokerContractTest : public ::testing::TestWithParam<Kind> {
 protected:
  BrokerUser& start() {
    auto& user = world_.add(medium_->broker());
    EXPECT_EQ(user.start(), "");
    return user;
  }

  const std::unique_ptr<Medium> medium_ = GetParam().make();
  BrokerWorld world_;
};

TEST_P(BrokerContractTest, WorksFromReadyOn) {
  auto& user = start();
  EXPECT_EQ(user.broker().fault(), "");
  EXPECT_GE(user.broker().max_publish_bytes(), 1'024u);
}

TEST_P(BrokerContractTest, CallsBackLaterAndOnce) {
  auto& user = start();
  int published = 0;
  int subscribed = 0;
  user.broker().publish("ws:room:a", "x", [&](Backplane) { ++published; });
  user.broker().publish("ws:room:a", "x", {});
  user.broker().subscribe({"ws:room:a", "ws:room:b"}, [&](const auto&) { ++subscribed; });
  user.broker().subscribe({}, [&](const auto&) { ++subscribed; });
  user.broker().subscribe({"ws:room:c"}, {});
  EXPECT_EQ(published + subscribed, 0) << "never inside the call";
  EXPECT_TRUE(world_.run_until([&] { return published == 1 && subscribed == 2; }));
  user.stop();
  EXPECT_EQ(published, 1);
  EXPECT_EQ(subscribed, 2);
}

TEST_P(BrokerContractTest, EveryCallbackHasRunWhenItHasStopped) {
  auto& user = start();
  int left = 0;
  for (int i = 0; i < 100; ++i) {
    left += 2;
    user.broker().publish("ws:room:a", "x", [&](Backplane) { --left; });
    user.broker().subscribe({"ws:room:" + std::to_string(i)}, [&](const auto&) { --left; });
  }
  user.stop();
  EXPECT_EQ(left, 0);
}

TEST_P(BrokerContractTest, ReportsWhatBecameOfAMessage) {
  auto& user = start();
  const auto outcome = user.publish("ws:room:a", "x");
  EXPECT_EQ(outcome, user.broker().reaches_others() ? Backplane::ok : Backplane::none);
}

TEST_P(BrokerContractTest, CarriesMessagesToWhoeverSubscribedInTheirOrder) {
  auto& one = start();
  if (!one.broker().reaches_others()) return;
  auto& two = start();
  two.subscribe({"ws:room:a", "ws:client:c", "ws:user:u"});
  std::vector<std::string> expected;
  for (int i = 0; i < 300; ++i) {
    const auto* channel = i % 3 == 0 ? "ws:room:a" : i % 3 == 1 ? "ws:client:c" : "ws:user:u";
    expected.push_back(std::to_string(i));
    one.broker().publish(channel, expected.back(), {});
  }
  one.broker().publish("ws:broadcast", "end", {});
  expected.push_back("end");
  EXPECT_TRUE(world_.run_until([&] { return two.envelopes.size() >= expected.size(); }));
  EXPECT_THAT(two.envelopes, testing::ElementsAreArray(expected));
}

TEST_P(BrokerContractTest, NothingIsMissedOnceItIsSubscribed) {
  auto& one = start();
  if (!one.broker().reaches_others()) return;
  auto& two = start();
  for (int i = 0; i < 20; ++i) {
    const auto channel = "ws:room:" + std::to_string(i);
    two.subscribe({channel});
    EXPECT_EQ(one.publish(channel, channel), Backplane::ok);
    ASSERT_TRUE(world_.run_until([&] { return !two.envelopes.empty(); }));
    EXPECT_THAT(two.envelopes, ElementsAre(channel));
    two.envelopes.clear();
  }
}

TEST_P(BrokerContractTest, AChannelIsSubscribedAsLongAsItIsNeeded) {
  auto& one = start();
  if (!one.broker().subscribes_exactly()) return;
  auto& two = start();
  two.subscribe({"ws:room:a", "ws:room:b"});
  two.subscribe({"ws:room:a", "ws:room:b"});
  two.broker().unsubscribe({"ws:room:a"});
  two.broker().unsubscribe({"ws:room:b"});
  two.broker().unsubscribe({"ws:room:b"});
  // Unsubscribed some time later.
  const bool given_up = world_.run_until([&] {
    two.envelopes.clear();
    EXPECT_EQ(one.publish("ws:room:b", "b"), Backplane::ok);
    EXPECT_EQ(one.publish("ws:room:a", "a"), Backplane::ok);
    world_.run_until([&] { return !two.envelopes.empty() && two.envelopes.back() == "a"; });
    return two.envelopes == std::deque<std::string>{"a"};
  });
  EXPECT_TRUE(given_up);
}

TEST_P(BrokerContractTest, AnUnsubscribeMayComeBeforeItsSubscribe) {
  auto& one = start();
  if (!one.broker().subscribes_exactly()) return;
  auto& two = start();
  two.broker().unsubscribe({"ws:room:a"});
  two.subscribe({"ws:room:a"});
  two.subscribe({"ws:room:a"});
  EXPECT_EQ(one.publish("ws:room:a", "a"), Backplane::ok);
  EXPECT_TRUE(world_.run_until([&] { return two.envelopes.size() == 1; }));
}

TEST_P(BrokerContractTest, MessagesAreCarriedByteForByte) {
  auto& one = start();
  if (!one.broker().reaches_others()) return;
  std::string all;
  for (int i = 0; i < 256; ++i) all += static_cast<char>(i);
  all += "\r\n$3\r\nfoo\r\n";
  const std::string room = "ws:room:" + all;
  one.subscribe({room});
  EXPECT_EQ(one.publish(room, all), Backplane::ok);
  EXPECT_TRUE(world_.run_until([&] { return !one.envelopes.empty(); }));
  EXPECT_THAT(one.envelopes, ElementsAre(all)) << "also to its own server";
}

TEST_P(BrokerContractTest, NoMessageComesTwice) {
  auto& one = start();
  if (!one.broker().reaches_others()) return;
  auto& two = start();
  two.subscribe({"ws:room:a", "ws:room:a", "ws:client:a", "ws:broadcast"});
  for (const auto* channel : {"ws:room:a", "ws:client:a", "ws:broadcast"}) {
    EXPECT_EQ(one.publish(channel, channel), Backplane::ok);
  }
  EXPECT_EQ(one.publish("ws:broadcast", "end"), Backplane::ok);
  EXPECT_TRUE(
      world_.run_until([&] { return !two.envelopes.empty() && two.envelopes.back() == "end"; }));
  EXPECT_THAT(two.envelopes, ElementsAre("ws:room:a", "ws:client:a", "ws:broadcast", "end"));
}

TEST_P(BrokerContractTest, AbandonedItRunsWhatItOwesAtOnceAndTouchesTheLoopNoMore) {
  const auto broker = medium_->broker();  // Outlives the loop, as the options' copies do.
  {
    BrokerWorld world;
    auto& user = world.add(broker);
    ASSERT_EQ(user.start(), "");
    std::vector<Backplane> outcomes;
    int subscribed = 0;
    int stopped = 0;
    for (int i = 0; i < 100; ++i) {
      broker->publish("ws:room:a", "x", [&](Backplane outcome) { outcomes.push_back(outcome); });
      broker->subscribe({"ws:room:" + std::to_string(i)}, [&](const auto&) { ++subscribed; });
    }
    broker->publish("ws:room:a", std::string(2 * 1024 * 1024, 'x'),
                    [&](Backplane outcome) { outcomes.push_back(outcome); });
    broker->stop([&] { ++stopped; });
    user.abandon();
    EXPECT_EQ(outcomes.size(), 101u);
    EXPECT_EQ(subscribed, 100);
    EXPECT_EQ(stopped, 1);
    user.abandon();
    EXPECT_EQ(outcomes.size() + static_cast<std::size_t>(subscribed + stopped), 202u);
  }
}

TEST_P(BrokerContractTest, AbandonedWhileItStartsItSaysSo) {
  const auto broker = medium_->broker();
  BrokerWorld world;
  auto& user = world.add(broker);
  int ready = 0;
  broker->start(user, [&](const std::optional<std::string>&) { ++ready; });
  user.abandon();
  EXPECT_EQ(ready, 1);
}

TEST_P(BrokerContractTest, AbandonedWithoutHavingBeenStartedItDoesNothing) {
  medium_->broker()->abandon();
}

TEST_P(BrokerContractTest, IsClaimedOnce) {
  const auto broker = medium_->broker();
  EXPECT_TRUE(broker->claim());
  EXPECT_FALSE(broker->claim());
}

TEST_P(BrokerContractTest, StopsWithoutHavingBeenUsed) {
  auto& user = start();
  user.stop();
  EXPECT_THAT(user.envelopes, IsEmpty());
}

std::unique_ptr<Medium> memory() {
  return std::make_unique<MemoryMedium>();
}
std::unique_ptr<Medium> bus() {
  return std::make_unique<BusMedium>();
}
std::unique_ptr<Medium> redis_exact() {
  return std::make_unique<RedisMedium>(RedisSubscribe::exact);
}
std::unique_ptr<Medium> redis_patterns() {
  return std::make_unique<RedisMedium>(RedisSubscribe::patterns);
}

const Kind kKinds[] = {{"memory", memory},
                       {"bus", bus},
                       {"redis_exact", redis_exact},
                       {"redis_patterns", redis_patterns}};

INSTANTIATE_TEST_SUITE_P(Brokers, BrokerContractTest, ::testing::ValuesIn(kKinds),
                         [](const auto& kind) { return std::string(kind.param.name); });

}  // namespace
}  // namespace wscast::test
