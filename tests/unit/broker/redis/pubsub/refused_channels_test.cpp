#include "broker/redis/pubsub/refused_channels.h"

#include <deque>
#include <set>
#include <string>

#include <gmock/gmock.h>

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;

constexpr milliseconds kRetryAfter{30'000};

TEST(RefusedChannelsTest, AChannelIsDueAfterThePause) {
  RefusedChannels refused(kRetryAfter);
  const SteadyTime now{};
  ChannelNode node("a", ChannelEntry{});
  EXPECT_EQ(refused.next_retry(), std::nullopt);
  refused.add(node, now);
  EXPECT_EQ(refused.next_retry(), now + kRetryAfter);
  EXPECT_THAT(refused.take_due(now + kRetryAfter - milliseconds(1)), IsEmpty());
  EXPECT_THAT(refused.take_due(now + kRetryAfter), ElementsAre(&node));
  EXPECT_EQ(refused.next_retry(), std::nullopt);
}

TEST(RefusedChannelsTest, ARemovedOneIsNotDue) {
  RefusedChannels refused(kRetryAfter);
  ChannelNode a("a", ChannelEntry{});
  ChannelNode b("b", ChannelEntry{});
  refused.add(a, {});
  refused.add(b, {});
  refused.remove(a);
  EXPECT_THAT(refused.take_due(SteadyTime{} + kRetryAfter), ElementsAre(&b));
  refused.add(a, {});
  refused.clear();
  EXPECT_EQ(refused.next_retry(), std::nullopt);
  EXPECT_THAT(refused.take_due(SteadyTime{} + 2 * kRetryAfter), IsEmpty());
}

TEST(RefusedChannelsTest, AtMostAThousandAreDueEachSecond) {
  RefusedChannels refused(kRetryAfter);
  std::deque<ChannelNode> nodes;
  for (int i = 0; i < 2'500; ++i) {
    refused.add(nodes.emplace_back(std::to_string(i), ChannelEntry{}), {});
  }
  std::set<ChannelNode*> seen;
  auto now = SteadyTime{} + kRetryAfter;
  for (const std::size_t expected : {1'000u, 1'000u, 500u}) {
    EXPECT_EQ(refused.next_retry(), now);
    const auto due = refused.take_due(now);
    EXPECT_EQ(due.size(), expected);
    seen.insert(due.begin(), due.end());
    // Refused again, it waits for its next turn.
    if (expected == 1'000u) refused.add(*due.front(), now);
    now += milliseconds(1'000);
  }
  EXPECT_EQ(seen.size(), nodes.size());
  EXPECT_EQ(refused.next_retry(), now - milliseconds(1'000) + kRetryAfter);
}

}  // namespace
}  // namespace wscast::redis
