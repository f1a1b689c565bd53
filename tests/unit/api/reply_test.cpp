#include "wscast/reply.h"

#include <atomic>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "outcomes.h"

namespace wscast {
namespace {

TEST(Reply, TheFirstAnswerCounts) {
  const Outcomes<std::string> outcomes;
  const auto reply = outcomes.reply();
  reply("first");
  reply("second");
  reply.fail("too late");
  ASSERT_TRUE(outcomes.answer());
  EXPECT_EQ(*outcomes.answer(), "first");
}

TEST(Reply, CopiesAreOneAndTheSame) {
  const Outcomes<int> outcomes;
  {
    const auto reply = outcomes.reply();
    {
      const auto copy = reply;  // NOLINT: dropping it is the point.
    }
    EXPECT_EQ(outcomes.count(), 0u);
    const auto other = reply;
    other(1);
    reply(2);
  }
  ASSERT_TRUE(outcomes.answer());
  EXPECT_EQ(*outcomes.answer(), 1);
}

TEST(Reply, DroppedUnansweredItSaysSo) {
  const Outcomes<std::optional<int>> outcomes;
  outcomes.reply();
  ASSERT_TRUE(outcomes.failed());
  EXPECT_TRUE(outcomes.failed()->dropped);
  EXPECT_EQ(outcomes.failed()->what, "");
}

TEST(Reply, AnsweredItIsNotDroppedToo) {
  const Outcomes<void> outcomes;
  outcomes.reply()();
  EXPECT_TRUE(outcomes.answer());
}

TEST(Reply, FailsInTheHooksWords) {
  const Outcomes<void> outcomes;
  outcomes.reply().fail("no database");
  ASSERT_TRUE(outcomes.failed());
  EXPECT_FALSE(outcomes.failed()->dropped);
  EXPECT_EQ(outcomes.failed()->what, "no database");
}

TEST(Reply, TakesWhatConvertsToTheAnswer) {
  const Outcomes<std::optional<std::string>> some;
  some.reply()("text");
  ASSERT_TRUE(some.answer());
  EXPECT_EQ(*some.answer(), "text");

  const Outcomes<std::optional<std::string>> none;
  none.reply()(std::nullopt);
  ASSERT_TRUE(none.answer());
  EXPECT_FALSE(none.answer()->has_value());

  EXPECT_FALSE((std::is_invocable_v<Reply<int>, std::string>));
  EXPECT_FALSE((std::is_invocable_v<Reply<int>>));
  EXPECT_FALSE((std::is_invocable_v<Reply<void>, int>));
}

TEST(Reply, AnswersFromAnotherThreadAfterTheHook) {
  const Outcomes<int> outcomes;
  std::thread thread([reply = outcomes.reply()] { reply(7); });
  thread.join();
  ASSERT_TRUE(outcomes.answer());
  EXPECT_EQ(*outcomes.answer(), 7);
}

TEST(Reply, OfManyThreadsOneIsHeard) {
  std::atomic<int> heard{0};
  {
    const Reply<int> reply([&](const HookOutcome<int>&) { ++heard; });
    std::vector<std::thread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([reply, i] {
        if (i % 2 == 0) {
          reply(i);
        } else {
          reply.fail("odd");
        }
      });
    }
    for (auto& thread : threads) thread.join();
  }
  EXPECT_EQ(heard, 1);
}

}  // namespace
}  // namespace wscast
