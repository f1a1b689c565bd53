#include "session/inbound_queue.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace wscast::session {
namespace {

using Reading = InboundQueue::Reading;

constexpr InboundQueue::Limits kWide{.max_messages = 100, .max_bytes = 100'000};
constexpr std::size_t kCost = 2 * sizeof(QueuedMessage);

/// A queue of a client that has a hook running.
class InboundQueueTest : public testing::Test {
 protected:
  InboundQueueTest() { queue_.on_hook_requested(); }

  bool push(std::string_view text, const InboundQueue::Limits& limits = kWide) {
    return queue_.push(false, text, limits);
  }

  InboundQueue queue_;
};

TEST(InboundQueue, LetsMessagesPassWhenNoHookRuns) {
  InboundQueue queue;
  EXPECT_FALSE(queue.must_wait());
  EXPECT_FALSE(queue.busy());
  EXPECT_EQ(queue.pop(), std::nullopt);
  EXPECT_EQ(queue.update_reading(), Reading::unchanged);
}

TEST_F(InboundQueueTest, KeepsMessagesInOrderUntilTheHookIsDone) {
  EXPECT_TRUE(queue_.must_wait());
  push("a");
  queue_.push(true, "b", kWide);
  EXPECT_FALSE(queue_.pop().has_value()) << "the hook runs";

  queue_.on_hook_done();
  EXPECT_TRUE(queue_.must_wait()) << "a new message may not overtake";
  const auto first = queue_.pop();
  const auto second = queue_.pop();
  ASSERT_TRUE(first && second);
  EXPECT_EQ(first->text, "a");
  EXPECT_FALSE(first->binary);
  EXPECT_EQ(second->text, "b");
  EXPECT_TRUE(second->binary);
  EXPECT_TRUE(queue_.must_wait()) << "the last one is being handled";
  EXPECT_FALSE(queue_.pop().has_value());
  EXPECT_FALSE(queue_.must_wait());
}

TEST_F(InboundQueueTest, StopsAtAMessageThatRequestsAHook) {
  push("a");
  push("b");
  queue_.on_hook_done();
  EXPECT_EQ(queue_.pop()->text, "a");
  queue_.on_hook_requested();
  EXPECT_FALSE(queue_.pop().has_value());
  queue_.on_hook_done();
  EXPECT_EQ(queue_.pop()->text, "b");
}

TEST_F(InboundQueueTest, PausesReadingAtTheMostMessagesUntilItIsEmpty) {
  const InboundQueue::Limits two{.max_messages = 2, .max_bytes = 100'000};
  push("a", two);
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged);
  push("b", two);
  EXPECT_EQ(queue_.update_reading(), Reading::pause);
  EXPECT_TRUE(queue_.reading_paused());
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged) << "once";

  queue_.on_hook_done();
  queue_.pop();
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged) << "not before it is empty";
  queue_.pop();
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged) << "the last one is being handled";
  queue_.pop();
  EXPECT_EQ(queue_.update_reading(), Reading::resume);
  EXPECT_FALSE(queue_.reading_paused());
}

TEST_F(InboundQueueTest, StaysPausedWhenAMessageComesBeforeItIsEmpty) {
  const InboundQueue::Limits two{.max_messages = 2, .max_bytes = 100'000};
  push("a", two);
  push("b", two);
  EXPECT_EQ(queue_.update_reading(), Reading::pause);
  queue_.on_hook_done();
  queue_.pop();
  queue_.pop();
  push("c", two);
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged);
  queue_.pop();
  queue_.pop();
  EXPECT_EQ(queue_.update_reading(), Reading::resume);
}

TEST_F(InboundQueueTest, PausesReadingAboveTheMostBytesAndThenDrops) {
  const InboundQueue::Limits limits{.max_messages = 100, .max_bytes = 2 * kCost + 3};
  EXPECT_TRUE(push("abc", limits));
  EXPECT_TRUE(push("", limits));
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged) << "at the limit";
  EXPECT_TRUE(push("", limits));
  EXPECT_EQ(queue_.update_reading(), Reading::pause);
  EXPECT_FALSE(push("", limits)) << "the connection could not hold back";
  EXPECT_EQ(queue_.clear(), 3u);
}

TEST_F(InboundQueueTest, TakesMessagesAgainWhenSomeWereHandled) {
  const InboundQueue::Limits limits{.max_messages = 100, .max_bytes = kCost};
  push("a", limits);
  EXPECT_FALSE(push("b", limits));
  queue_.on_hook_done();
  queue_.pop();
  EXPECT_TRUE(push("c", limits));
}

TEST(InboundQueue, ReadsNothingWhileItIsHeld) {
  InboundQueue queue;
  queue.hold();
  EXPECT_EQ(queue.update_reading(), Reading::pause);
  queue.hold();
  EXPECT_EQ(queue.update_reading(), Reading::unchanged);
  queue.release();
  EXPECT_EQ(queue.update_reading(), Reading::resume);
}

TEST_F(InboundQueueTest, ReadsNothingWhileItIsHeldOrFull) {
  push("a", {.max_messages = 1, .max_bytes = 100});
  queue_.hold();
  EXPECT_EQ(queue_.update_reading(), Reading::pause);
  queue_.release();
  EXPECT_EQ(queue_.update_reading(), Reading::unchanged) << "still full";
}

TEST_F(InboundQueueTest, IsBusyUntilTheLastHookStarts) {
  EXPECT_TRUE(queue_.busy());
  queue_.on_hook_started();
  EXPECT_FALSE(queue_.busy()) << "its result is not waited for";
  push("a");
  EXPECT_TRUE(queue_.busy());
  queue_.on_hook_done();
  EXPECT_TRUE(queue_.busy());
  queue_.pop();
  queue_.on_hook_requested();
  queue_.on_hook_started();
  EXPECT_TRUE(queue_.busy()) << "a message may have come meanwhile";
  queue_.on_hook_done();
  queue_.pop();
  EXPECT_FALSE(queue_.busy());
}

TEST_F(InboundQueueTest, LeavesWhenItIsIdle) {
  queue_.on_hook_started();
  EXPECT_FALSE(queue_.should_leave()) << "its connection is open";
  push("a");
  queue_.leave_when_idle();
  EXPECT_TRUE(queue_.leaving());
  EXPECT_FALSE(queue_.should_leave());
  queue_.clear();
  EXPECT_TRUE(queue_.should_leave());
  queue_.cancel_leaving();
  EXPECT_FALSE(queue_.should_leave());
}

TEST_F(InboundQueueTest, CountsWhatItDrops) {
  EXPECT_EQ(queue_.clear(), 0u);
  push("a");
  push("b");
  EXPECT_EQ(queue_.clear(), 2u);
  EXPECT_EQ(queue_.clear(), 0u);
}

}  // namespace
}  // namespace wscast::session
