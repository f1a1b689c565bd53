#include "server/cross_shard_queue.h"

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"
#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t kMaxBytes = 1'000;

class CrossShardQueueTest : public testing::Test {
 protected:
  CrossShardQueueTest() {
    queue_.connect({{&executors_[0], &receivers_[0]}, {&executors_[1], &receivers_[1]}});
  }

  void push(std::optional<std::size_t> from, std::size_t to, const std::string& user) {
    ShardCommand command = Disconnect{std::nullopt, user, 1000, "r"};
    ASSERT_TRUE(queue_.charge(to, cost_of(command)));
    queue_.push(from, to, std::move(command));
  }

  session::FakeClock clock_;
  std::array<FakeExecutor, 2> executors_{FakeExecutor(clock_), FakeExecutor(clock_)};
  std::array<FakeReceiver, 2> receivers_;
  CrossShardQueue queue_{kMaxBytes};
};

TEST_F(CrossShardQueueTest, WhatAShardPushesLeavesAtItsFlushInOneBatch) {
  push(0, 1, "a");
  push(0, 1, "b");
  EXPECT_EQ(executors_[1].posted(), 0u);
  EXPECT_EQ(executors_[0].iterations_requested, 2) << "so that flush() comes";
  queue_.flush(0);
  EXPECT_EQ(executors_[1].posted(), 1u);
  executors_[1].run_posted();
  EXPECT_EQ(receivers_[1].take(), (Texts{"disconnect user a 1000 r", "disconnect user b 1000 r"}));
  EXPECT_EQ(executors_[1].count(Counter::posts_between_shards), 2u);
  EXPECT_EQ(executors_[0].count(Counter::posts_between_shards), 0u);
}

TEST_F(CrossShardQueueTest, AFlushIsOfOneShardAlone) {
  push(0, 1, "a");
  push(1, 0, "b");
  queue_.flush(1);
  EXPECT_EQ(executors_[0].posted(), 1u);
  EXPECT_EQ(executors_[1].posted(), 0u);
}

TEST_F(CrossShardQueueTest, NothingIsFlushedTwice) {
  push(0, 1, "a");
  queue_.flush(0);
  queue_.flush(0);
  EXPECT_EQ(executors_[1].posted(), 1u);
}

TEST_F(CrossShardQueueTest, WhatAnotherThreadPushesIsPostedAtOnceInOrder) {
  push(std::nullopt, 1, "a");
  push(std::nullopt, 1, "b");
  EXPECT_EQ(executors_[1].posted(), 2u);
  EXPECT_EQ(executors_[1].iterations_requested, 0);
  executors_[1].run_posted();
  EXPECT_EQ(receivers_[1].take(), (Texts{"disconnect user a 1000 r", "disconnect user b 1000 r"}));
}

TEST_F(CrossShardQueueTest, AShardTakesBytesUpToItsLimit) {
  EXPECT_TRUE(queue_.charge(1, kMaxBytes));
  EXPECT_FALSE(queue_.charge(1, 1));
  EXPECT_EQ(queue_.bytes(1), kMaxBytes) << "what was refused is not charged";
  EXPECT_TRUE(queue_.charge(0, 1)) << "each shard has a limit of its own";
  queue_.release(1, 1);
  EXPECT_TRUE(queue_.charge(1, 1));
}

TEST_F(CrossShardQueueTest, WhatCostsNothingIsNeverRefused) {
  ASSERT_TRUE(queue_.charge(1, kMaxBytes));
  EXPECT_TRUE(queue_.charge(1, 0));
  EXPECT_EQ(cost_of(Disconnect{std::nullopt, std::string(5'000, 'a'), 1000, ""}), 0u);
  EXPECT_EQ(cost_of(InterestChange{}), 0u);
  EXPECT_EQ(cost_of(MembershipChange{ClientId::generate(system_random()), "r", true}), 0u);
}

TEST_F(CrossShardQueueTest, MessagesCostTheirBytesAndWhatTheyTakeInMemory) {
  const FanOut fan_out{.target = "room", .frame = {.bytes = nullptr, .size = 100}};
  EXPECT_EQ(cost_of(fan_out), sizeof(ShardCommand) + 104);
  const RemotePublish publish{.channel = "ch", .envelope = "12345", .aggregator = nullptr};
  EXPECT_EQ(cost_of(publish), sizeof(ShardCommand) + 7);
}

TEST_F(CrossShardQueueTest, AMessageIsReleasedWhenItWasExecuted) {
  ShardCommand command = FanOut{.target = "room"};
  const std::size_t cost = cost_of(command);
  ASSERT_TRUE(queue_.charge(1, cost));
  queue_.push(std::nullopt, 1, std::move(command));
  EXPECT_EQ(queue_.bytes(1), cost);
  executors_[1].run_posted();
  EXPECT_EQ(queue_.bytes(1), 0u);
}

TEST_F(CrossShardQueueTest, HasRoomWhileNoShardIsMoreThanHalfFull) {
  EXPECT_TRUE(queue_.has_room());
  ASSERT_TRUE(queue_.charge(1, kMaxBytes / 2));
  EXPECT_TRUE(queue_.has_room());
  ASSERT_TRUE(queue_.charge(1, 1));
  EXPECT_FALSE(queue_.has_room());
}

TEST_F(CrossShardQueueTest, ABatchForWhichThereIsNoMemoryIsPostedByTheNextFlush) {
  push(0, 1, "a");
  push(0, 1, "b");
  for (std::uint64_t number = 1; number <= 2; ++number) {
    const int before = executors_[0].iterations_requested;
    test::AllocationFaults::watch_this_thread();
    test::AllocationFaults::arm(number);
    queue_.flush(0);
    EXPECT_TRUE(test::AllocationFaults::disarm());
    test::AllocationFaults::watch_this_thread(false);
    EXPECT_EQ(executors_[1].posted(), 0u);
    EXPECT_EQ(executors_[0].iterations_requested, before + 1) << "so that flush() comes again";
  }
  queue_.flush(0);
  executors_[1].run_posted();
  EXPECT_EQ(receivers_[1].take(), (Texts{"disconnect user a 1000 r", "disconnect user b 1000 r"}));
}

TEST_F(CrossShardQueueTest, ACommandForWhichThereIsNoMemoryIsAsItWas) {
  for (const auto from : {std::optional<std::size_t>(0), std::optional<std::size_t>()}) {
    ShardCommand command = Disconnect{std::nullopt, "a user of a rather long name", 1000, "r"};
    const std::string text = to_text(command);
    EXPECT_GT(test::fail_each_allocation([&] {
                {
                  const test::AllocationFaults::Pause pause;
                  EXPECT_EQ(to_text(command), text);
                }
                queue_.push(from, 1, std::move(command));
              }),
              0);
    queue_.flush(0);
    executors_[1].run_posted();
    EXPECT_EQ(receivers_[1].take(), Texts{text});
  }
}

class GatheringTest : public CrossShardQueueTest {
 protected:
  void send(std::size_t to, const std::string& user,
            std::shared_ptr<PublishAggregator> aggregator = {}) {
    ShardCommand command =
        FanOut{.to = FanOut::To::user, .target = user, .aggregator = std::move(aggregator)};
    ASSERT_TRUE(room_.charge(to, cost_of(command)));
    room_.push(std::nullopt, to, std::move(command));
  }
  std::size_t received(std::size_t shard) {
    executors_[shard].run_posted();
    return receivers_[shard].take().size();
  }
  static CrossShardQueue& connected(CrossShardQueue& queue, std::array<FakeExecutor, 2>& executors,
                                    std::array<FakeReceiver, 2>& receivers) {
    queue.connect({{&executors[0], &receivers[0]}, {&executors[1], &receivers[1]}});
    return queue;
  }

  CrossShardQueue large_{1'000'000};
  CrossShardQueue& room_ = connected(large_, executors_, receivers_);
};

TEST_F(GatheringTest, MessagesLeaveAtItsEndInOneBatchForEachShard) {
  {
    const CrossShardQueue::Gathering gathering(room_);
    for (const char* user : {"a", "b", "c"}) send(1, user);
    send(0, "d");
    EXPECT_EQ(executors_[1].posted(), 0u);
  }
  EXPECT_EQ(executors_[0].posted(), 1u);
  EXPECT_EQ(executors_[1].posted(), 1u);
  EXPECT_EQ(received(0), 1u);
  EXPECT_EQ(received(1), 3u);
  EXPECT_EQ(room_.bytes(1), 0u);
  send(1, "e");
  EXPECT_EQ(executors_[1].posted(), 1u) << "nothing gathers any more";
}

TEST_F(GatheringTest, ManyLeaveBefore) {
  const CrossShardQueue::Gathering gathering(room_);
  for (int i = 0; i < 255; ++i) send(1, "a");
  EXPECT_EQ(executors_[1].posted(), 0u);
  send(1, "a");
  EXPECT_EQ(executors_[1].posted(), 1u);
  EXPECT_EQ(received(1), 256u);
}

TEST_F(GatheringTest, OtherCommandsDoNotOvertake) {
  const CrossShardQueue::Gathering gathering(room_);
  send(1, "a");
  send(0, "b");
  room_.push(std::nullopt, 1, Disconnect{std::nullopt, "a", 1000, "r"});
  EXPECT_EQ(executors_[1].posted(), 2u);
  EXPECT_EQ(executors_[0].posted(), 0u);
  executors_[1].run_posted();
  const Texts texts = receivers_[1].take();
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts.back(), "disconnect user a 1000 r");
}

TEST_F(GatheringTest, OneWithinAnotherDoesNothing) {
  const CrossShardQueue::Gathering outer(room_);
  send(1, "a");
  {
    const CrossShardQueue::Gathering inner(room_);
    send(1, "b");
  }
  EXPECT_EQ(executors_[1].posted(), 0u);
}

TEST_F(GatheringTest, IsForItsQueueAndItsThreadAlone) {
  const CrossShardQueue::Gathering other(queue_);
  send(1, "a");
  EXPECT_EQ(executors_[1].posted(), 1u);
  const CrossShardQueue::Gathering gathering(room_);
  std::thread([this] { send(1, "b"); }).join();
  EXPECT_EQ(executors_[1].posted(), 2u);
  send(1, "c");
  EXPECT_EQ(executors_[1].posted(), 2u);
}

TEST_F(GatheringTest, WithoutMemoryTheResultsTell) {
  std::vector<std::size_t> dropped;
  const auto aggregator = std::make_shared<PublishAggregator>(
      [&](const PublishResult& result) { dropped.push_back(result.dropped); });
  aggregator->expect(1);
  {
    const CrossShardQueue::Gathering gathering(room_);
    send(1, "a", aggregator);
    send(1, "b");
    dropped.reserve(1);
    test::AllocationFaults::watch_this_thread();
    test::AllocationFaults::arm(1);
  }
  EXPECT_TRUE(test::AllocationFaults::disarm());
  test::AllocationFaults::watch_this_thread(false);
  EXPECT_EQ(dropped, std::vector<std::size_t>{1});
  EXPECT_EQ(room_.dropped(), 2u);
  EXPECT_EQ(room_.bytes(1), 0u);
  EXPECT_EQ(executors_[1].posted(), 0u);
}

}  // namespace
}  // namespace wscast::server
