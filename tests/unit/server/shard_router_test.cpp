#include "server/shard_router.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"
#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kMaxBytes = 10'000;

class ShardRouterTest : public testing::Test {
 protected:
  static FanOut to_room(std::size_t bytes = 0) {
    return {.to = FanOut::To::room, .target = std::string(bytes, 'r')};
  }
  FakeReceiver& receiver(std::size_t shard) { return *shards_.receivers[shard]; }
  void fill(std::size_t shard) { ASSERT_TRUE(router_.charge(shard, kMaxBytes)); }

  FakeShards shards_{3, kMaxBytes};
  ShardRouter& router_ = shards_.router;
};

TEST_F(ShardRouterTest, ACommandForTheOwnShardIsExecutedInsideTheCall) {
  shards_.on(1, [&] {
    EXPECT_TRUE(router_.route(1, Disconnect{std::nullopt, "u", 1000, "r"}));
    EXPECT_EQ(receiver(1).take(), Texts{"disconnect user u 1000 r"});
  });
  EXPECT_EQ(shards_.executors[1]->posted(), 0u);
  EXPECT_EQ(shards_.executors[1]->iterations_requested, 0);
}

TEST_F(ShardRouterTest, ACommandForAnotherShardIsQueued) {
  shards_.on(1, [&] {
    EXPECT_TRUE(router_.route(2, Disconnect{std::nullopt, "u", 1000, "r"}));
    EXPECT_EQ(shards_.executors[2]->posted(), 0u) << "before the end of the iteration";
  });
  EXPECT_EQ(receiver(2).executed, Texts{});
  shards_.run();
  EXPECT_EQ(receiver(2).take(), Texts{"disconnect user u 1000 r"});
  EXPECT_EQ(receiver(1).executed, Texts{});
}

TEST_F(ShardRouterTest, ACommandOfAnotherThreadIsQueuedForEachShard) {
  EXPECT_EQ(router_.current(), std::nullopt);
  EXPECT_TRUE(router_.route(0, Disconnect{std::nullopt, "u", 1000, "r"}));
  EXPECT_EQ(receiver(0).executed, Texts{});
  shards_.run();
  EXPECT_EQ(receiver(0).take(), Texts{"disconnect user u 1000 r"});
}

TEST_F(ShardRouterTest, CommandsOfOneThreadArriveInOrder) {
  const ClientId id = ClientId::generate(system_random());
  shards_.on(0, [&] {
    router_.route(1, MembershipChange{id, "a", true});
    router_.route(1, to_room(1));
    router_.route(1, MembershipChange{id, "a", false});
  });
  shards_.run();
  EXPECT_EQ(receiver(1).take(), (Texts{"join a", "room r: ", "leave a"}));
}

TEST_F(ShardRouterTest, SeveralShardsEachGetTheCommand) {
  shards_.on(1, [&] { EXPECT_TRUE(router_.route(router_.all_shards(), to_room(1))); });
  EXPECT_EQ(receiver(1).executed.size(), 1u) << "its own at once";
  shards_.run();
  for (const std::size_t shard : router_.all_shards()) {
    EXPECT_EQ(receiver(shard).take(), Texts{"room r: "}) << shard;
  }
}

TEST_F(ShardRouterTest, AMessageForAFullShardIsRefusedAndCounted) {
  fill(2);
  EXPECT_FALSE(router_.route(2, to_room()));
  EXPECT_EQ(shards_.refused(), 1u);
  shards_.run();
  EXPECT_EQ(receiver(2).executed, Texts{});
  router_.release(2, kMaxBytes);
  EXPECT_TRUE(router_.route(2, to_room()));
  EXPECT_EQ(shards_.refused(), 1u);
}

TEST_F(ShardRouterTest, TheOtherShardsGetWhatOneRefuses) {
  fill(0);
  fill(2);
  EXPECT_FALSE(router_.route(router_.all_shards(), to_room(1)));
  EXPECT_EQ(shards_.refused(), 2u);
  shards_.run();
  EXPECT_EQ(receiver(1).take(), Texts{"room r: "});
}

TEST_F(ShardRouterTest, WhatIsNoMessageIsNeverRefused) {
  fill(2);
  EXPECT_TRUE(router_.route(2, Disconnect{std::nullopt, "u", 1000, "r"}));
  EXPECT_TRUE(router_.route(2, InterestChange{}));
  EXPECT_EQ(shards_.refused(), 0u);
}

TEST_F(ShardRouterTest, TheOwnShardRefusesNothing) {
  fill(2);
  shards_.on(2, [&] { EXPECT_TRUE(router_.route(2, to_room())); });
}

TEST_F(ShardRouterTest, ARefusalIsReportedToTheShardThatSent) {
  fill(2);
  shards_.on(1, [&] { EXPECT_FALSE(router_.route(2, to_room())); });
  EXPECT_EQ(receiver(1).overloads, 1);
  EXPECT_EQ(receiver(2).overloads, 0);
  EXPECT_FALSE(router_.route(2, to_room())) << "by no shard";
  EXPECT_EQ(receiver(0).overloads + receiver(1).overloads + receiver(2).overloads, 1);
}

TEST_F(ShardRouterTest, D10ARefusalCancelsTheAggregator) {
  int results = 0;
  const auto aggregator =
      std::make_shared<PublishAggregator>([&](const PublishResult&) { ++results; });
  fill(2);
  FanOut fan_out = to_room();
  fan_out.aggregator = aggregator;
  EXPECT_FALSE(router_.route(2, fan_out));
  aggregator->complete();
  EXPECT_EQ(results, 0);
}

TEST_F(ShardRouterTest, D10ARefusedPublishCancelsTheAggregatorToo) {
  int results = 0;
  const auto aggregator =
      std::make_shared<PublishAggregator>([&](const PublishResult&) { ++results; });
  fill(kBrokerShard);
  EXPECT_FALSE(router_.route(kBrokerShard, RemotePublish{"c", "e", aggregator}));
  aggregator->complete();
  EXPECT_EQ(results, 0);
}

TEST_F(ShardRouterTest, WhatTravelsAnotherWayIsChargedAndCountedLikeAMessage) {
  EXPECT_TRUE(router_.charge(1, kMaxBytes));
  EXPECT_EQ(router_.queued_bytes(1), kMaxBytes);
  EXPECT_FALSE(router_.charge(1, 1));
  EXPECT_EQ(shards_.refused(), 1u);
  EXPECT_FALSE(router_.has_room());
  router_.release(1, kMaxBytes);
  EXPECT_TRUE(router_.has_room());
}

TEST_F(ShardRouterTest, AReceiverIsLocalOnItsOwnThreadOnly) {
  shards_.on(1, [&] {
    EXPECT_EQ(router_.local(1), &receiver(1));
    EXPECT_EQ(router_.local(2), nullptr);
  });
  EXPECT_EQ(router_.local(1), nullptr);
}

// A message is refused as if the queue were full; anything else is left to the caller.
TEST(ShardRouterMemory, WhatCannotBeQueuedIsRefusedOrThrown) {
  FakeShards shards(2);
  const FanOut message{.target = "a room whose name fits into no small string",
                       .frame = {std::make_shared<std::uint8_t[]>(10), 10, 8}};
  const Disconnect close{std::nullopt, "a user whose name fits into no small string", 1000, "r"};
  std::uint64_t refused = 0;
  const int failed = test::fail_each_allocation([&] {
    if (!shards.router.route(1, message)) ++refused;
  });
  EXPECT_EQ(refused + 1, static_cast<std::uint64_t>(failed)) << "the first copies the argument";
  EXPECT_GT(refused, 2u);
  EXPECT_EQ(shards.refused(), refused);
  std::uint64_t thrown = 0;
  test::fail_each_allocation([&] {
    try {
      shards.router.route(1, close);
    } catch (const std::bad_alloc&) {
      ++thrown;
    }
  });
  EXPECT_GT(thrown, 2u);
  EXPECT_EQ(shards.executed(1).size(), 2u);
  EXPECT_EQ(shards.router.queued_bytes(1), 0u);
}

}  // namespace
}  // namespace wscast::server
