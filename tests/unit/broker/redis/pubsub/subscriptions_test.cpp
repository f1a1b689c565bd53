#include "broker/redis/pubsub/subscriptions.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "unit/broker/redis/redis_commands.h"

namespace wscast::redis {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

using Words = std::vector<std::string>;

class SubscriptionsTest : public ::testing::Test {
 protected:
  void add(Words channels) { subscriptions_.add(std::move(channels), {}, now_); }

  /// The same with a waiter, which writes `name` into `completed_`.
  void add(Words channels, const std::string& name) {
    subscriptions_.add(
        std::move(channels),
        [this, name](const Words& refused) {
          std::string line = name;
          for (const auto& channel : refused) line += " without " + channel;
          completed_.push_back(line);
        },
        now_);
  }

  void remove(const Words& channels) { subscriptions_.remove(channels, now_); }

  std::vector<Words> sent() { return commands_in(subscriptions_.take_commands()); }

  /// As Redis does, at once.
  void send_and_confirm() {
    for (const auto& command : sent()) {
      for (std::size_t i = 1; i < command.size(); ++i) {
        EXPECT_TRUE(command[0] == "SUBSCRIBE" ? subscriptions_.on_subscribed(command[i], now_)
                                              : subscriptions_.on_unsubscribed(command[i]));
      }
    }
  }

  Words completed() {
    for (const auto& [done, refused] : subscriptions_.take_completed()) done(refused);
    return std::exchange(completed_, {});
  }

  void pass(milliseconds duration) {
    now_ += duration;
    subscriptions_.on_time(now_);
  }

  SteadyTime now_{};
  Subscriptions subscriptions_{
      {.answer_timeout = milliseconds(1'000), .unsubscribe_after = milliseconds(500)}};
  Words completed_;
};

TEST_F(SubscriptionsTest, WhatIsAddedInOneIterationLeavesInOneCommand) {
  subscriptions_.on_connected();
  add({"a", "b"});
  add({"c", "a"});
  EXPECT_TRUE(subscriptions_.has_commands());
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "a", "b", "c")));
  EXPECT_FALSE(subscriptions_.has_commands());
  EXPECT_THAT(sent(), IsEmpty());
}

TEST_F(SubscriptionsTest, CallsAreCompletedWhenAllTheirChannelsAreConfirmed) {
  subscriptions_.on_connected();
  add({"a", "b"}, "both");
  add({"b"}, "second");
  sent();
  EXPECT_TRUE(subscriptions_.on_subscribed("b", now_));
  EXPECT_THAT(completed(), ElementsAre("second"));
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(completed(), ElementsAre("both"));
  EXPECT_EQ(subscriptions_.take_late(), 0u);
  add({"a", "b"}, "at once");
  EXPECT_THAT(completed(), ElementsAre("at once"));
}

TEST_F(SubscriptionsTest, ACallWithoutChannelsIsCompletedAtOnce) {
  subscriptions_.on_connected();
  add({}, "nothing");
  EXPECT_THAT(completed(), ElementsAre("nothing"));
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, WithoutAnAnswerTheyGoOnAndAreCounted) {
  subscriptions_.on_connected();
  add({"a"}, "late");
  sent();
  EXPECT_EQ(subscriptions_.next_deadline(), now_ + milliseconds(1'000));
  pass(milliseconds(999));
  EXPECT_THAT(completed(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(completed(), ElementsAre("late"));
  EXPECT_EQ(subscriptions_.take_late(), 1u);
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_)) << "it is subscribed later";
  EXPECT_THAT(completed(), IsEmpty());
}

TEST_F(SubscriptionsTest, X3WhatIsSubscribedTooLateIsNamedOnce) {
  subscriptions_.on_connected();
  add({"a", "b", "in time"}, "late");
  add({"nobody waits"});
  sent();
  EXPECT_TRUE(subscriptions_.on_subscribed("in time", now_));
  pass(milliseconds(1'000));
  EXPECT_THAT(subscriptions_.take_settled_late(), IsEmpty());
  for (const auto* channel : {"a", "b", "nobody waits"}) {
    EXPECT_TRUE(subscriptions_.on_subscribed(channel, now_));
  }
  EXPECT_THAT(subscriptions_.take_settled_late(), ElementsAre("a", "b"));
  EXPECT_THAT(subscriptions_.take_settled_late(), IsEmpty());
}

TEST_F(SubscriptionsTest, X3WhatIsSubscribedTooLateBehindACallThatWaitsIsNamed) {
  subscriptions_.on_connected();
  add({"first"}, "first");
  pass(milliseconds(1));
  add({"a"}, "second");
  sent();
  pass(milliseconds(999));
  EXPECT_THAT(completed(), ElementsAre("first"));
  EXPECT_TRUE(subscriptions_.on_subscribed("first", now_));
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(completed(), ElementsAre("second"));
  EXPECT_THAT(subscriptions_.take_settled_late(), ElementsAre("first"));
}

TEST_F(SubscriptionsTest, X3ALateChannelThatNobodyNeedsAnyMoreIsNotNamed) {
  subscriptions_.on_connected();
  add({"a"}, "late");
  sent();
  pass(milliseconds(1'000));
  remove({"a"});
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(subscriptions_.take_settled_late(), IsEmpty());
}

TEST_F(SubscriptionsTest, X3ARefusedChannelIsNamedWhenItIsSubscribedAtLast) {
  subscriptions_.on_connected();
  add({"in time"}, "in time");
  sent();
  EXPECT_TRUE(subscriptions_.on_error("NOPERM", now_));
  EXPECT_THAT(subscriptions_.take_settled_late(), IsEmpty()) << "the call was told";
  add({"late"}, "late");
  sent();
  pass(milliseconds(1'000));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM", now_));
  EXPECT_THAT(subscriptions_.take_settled_late(), ElementsAre("late"));
  pass(milliseconds(30'000));
  send_and_confirm();
  EXPECT_THAT(subscriptions_.take_settled_late(), UnorderedElementsAre("in time", "late"));
}

TEST_F(SubscriptionsTest, WithoutAConnectionTheyGoOnAtOnce) {
  add({"a"}, "before");
  EXPECT_THAT(completed(), ElementsAre("before"));
  subscriptions_.on_connected();
  add({"b"}, "lost");
  subscriptions_.on_disconnected();
  EXPECT_THAT(completed(), ElementsAre("lost"));
  EXPECT_EQ(subscriptions_.take_late(), 2u);
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, ANewConnectionSubscribesToEverythingThatIsNeeded) {
  add({"a", "b"});
  subscriptions_.on_connected();
  send_and_confirm();
  remove({"b"});
  add({"c"});
  subscriptions_.on_disconnected();
  EXPECT_FALSE(subscriptions_.has_commands());
  subscriptions_.on_connected();
  const auto commands = sent();
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_THAT(commands[0], UnorderedElementsAre("SUBSCRIBE", "a", "c"));
}

TEST_F(SubscriptionsTest, AChannelIsGivenUpAWhileAfterTheLastHasLeft) {
  subscriptions_.on_connected();
  add({"a"});
  add({"a"});
  send_and_confirm();
  remove({"a"});
  pass(milliseconds(600));
  EXPECT_THAT(sent(), IsEmpty()) << "one still needs it";
  remove({"a"});
  pass(milliseconds(499));
  EXPECT_THAT(sent(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
  EXPECT_TRUE(subscriptions_.on_unsubscribed("a"));
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, OneThatIsNeededAgainIsKeptAndDelayedAnew) {
  subscriptions_.on_connected();
  add({"a"});
  send_and_confirm();
  remove({"a"});
  pass(milliseconds(400));
  add({"a"}, "still subscribed");
  EXPECT_THAT(completed(), ElementsAre("still subscribed"));
  remove({"a"});
  pass(milliseconds(100));
  EXPECT_THAT(sent(), IsEmpty());
  pass(milliseconds(500));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
}

TEST_F(SubscriptionsTest, OneThatIsNeededAgainWhileItIsGivenUpIsSubscribedBehindThat) {
  subscriptions_.on_connected();
  add({"a"});
  send_and_confirm();
  remove({"a"});
  pass(milliseconds(500));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
  add({"a"}, "again");
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "a")));
  EXPECT_TRUE(subscriptions_.on_unsubscribed("a"));
  EXPECT_THAT(completed(), IsEmpty()) << "that was not the confirmation";
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(completed(), ElementsAre("again"));
}

TEST_F(SubscriptionsTest, AnUnsubscribeMayComeFirst) {
  subscriptions_.on_connected();
  remove({"a"});
  add({"a"}, "not needed");
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_THAT(completed(), ElementsAre("not needed"));
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, WhatCameAndWentInOneIterationIsNeverSent) {
  subscriptions_.on_connected();
  add({"a"}, "gone");
  remove({"a"});
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_THAT(completed(), ElementsAre("gone"));
  EXPECT_EQ(subscriptions_.take_late(), 0u);
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, OneThatIsNotNeededWhenItIsConfirmedIsGivenUp) {
  subscriptions_.on_connected();
  add({"a"});
  sent();
  remove({"a"});
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  pass(milliseconds(500));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
}

TEST_F(SubscriptionsTest, CommandsHaveAtMostAThousandChannelsAnd64KiB) {
  subscriptions_.on_connected();
  Words channels;
  for (int i = 0; i < 2'500; ++i) channels.push_back("short" + std::to_string(i));
  for (int i = 0; i < 8; ++i) channels.push_back(std::string(20'000, 'x') + std::to_string(i));
  add(channels);
  std::size_t told_channels = 0;
  const auto commands = sent();
  for (const auto& command : commands) {
    std::size_t bytes = 0;
    for (const auto& word : command) bytes += word.size();
    EXPECT_LE(command.size(), 1'001u);
    EXPECT_LE(bytes, 64u * 1024);
    told_channels += command.size() - 1;
  }
  EXPECT_EQ(told_channels, channels.size());
  EXPECT_LE(commands.size(), 7u);
}

TEST_F(SubscriptionsTest, WhatWasNotAskedForIsReported) {
  subscriptions_.on_connected();
  EXPECT_FALSE(subscriptions_.on_subscribed("never", now_));
  EXPECT_FALSE(subscriptions_.on_unsubscribed("never"));
  add({"a"});
  EXPECT_FALSE(subscriptions_.on_subscribed("a", now_)) << "not sent yet";
  send_and_confirm();
  EXPECT_FALSE(subscriptions_.on_subscribed("a", now_));
  EXPECT_FALSE(subscriptions_.on_unsubscribed("a"));
  EXPECT_TRUE(subscriptions_.subscribed("a"));
}

// Refusals

TEST_F(SubscriptionsTest, ARefusedCommandIsAskedForAgainChannelByChannel) {
  subscriptions_.on_connected();
  add({"a", "bad", "c"}, "all");
  add({"a"}, "a");
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "a", "bad", "c")));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_THAT(completed(), IsEmpty());
  EXPECT_THAT(subscriptions_.take_refusals(), IsEmpty());
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "a"), ElementsAre("SUBSCRIBE", "bad"),
                                  ElementsAre("SUBSCRIBE", "c")));
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(completed(), ElementsAre("a"));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_TRUE(subscriptions_.on_subscribed("c", now_));
  EXPECT_THAT(completed(), ElementsAre("all without bad"));
  const auto refusals = subscriptions_.take_refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].channel, "bad");
  EXPECT_EQ(refusals[0].words, "NOPERM no");
  EXPECT_FALSE(refusals[0].permanent);
  EXPECT_EQ(subscriptions_.take_late(), 0u);
}

TEST_F(SubscriptionsTest, AnErrorIsOfTheOldestCommandWithoutAnAnswer) {
  subscriptions_.on_connected();
  add({"a", "b"});
  sent();
  add({"bad"}, "bad");
  sent();
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_TRUE(subscriptions_.on_subscribed("b", now_));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_THAT(completed(), ElementsAre("bad without bad"));
  EXPECT_TRUE(subscriptions_.subscribed("a"));
  EXPECT_FALSE(subscriptions_.on_error("NOPERM no", now_)) << "nothing was asked";
}

TEST_F(SubscriptionsTest, ARefusedChannelIsAskedForAloneFromThenOn) {
  subscriptions_.on_connected();
  add({"bad"});
  sent();
  subscriptions_.on_error("NOPERM no", now_);
  add({"a", "bad", "c"}, "again");
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "a"), ElementsAre("SUBSCRIBE", "bad"),
                                  ElementsAre("SUBSCRIBE", "c")));
}

TEST_F(SubscriptionsTest, AChannelThatIsStillNeededIsTriedAgainLater) {
  subscriptions_.on_connected();
  add({"bad"});
  sent();
  subscriptions_.on_error("NOPERM no", now_);
  EXPECT_EQ(subscriptions_.next_deadline(), now_ + std::chrono::seconds(30));
  pass(milliseconds(29'999));
  EXPECT_THAT(sent(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "bad")));
  subscriptions_.on_error("NOPERM no", now_);
  pass(milliseconds(30'000));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("SUBSCRIBE", "bad")));
  EXPECT_TRUE(subscriptions_.on_subscribed("bad", now_));
  EXPECT_TRUE(subscriptions_.subscribed("bad"));
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, ARefusedChannelThatIsNotNeededAnyMoreIsForgotten) {
  subscriptions_.on_connected();
  add({"bad"});
  sent();
  subscriptions_.on_error("NOPERM no", now_);
  remove({"bad"});
  EXPECT_EQ(subscriptions_.size(), 0u);
  pass(milliseconds(30'000));
  EXPECT_THAT(sent(), IsEmpty());
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, ManyRefusedChannelsAreTriedAgainAThousandASecond) {
  subscriptions_.on_connected();
  Words channels;
  for (int i = 0; i < 2'500; ++i) channels.push_back("bad" + std::to_string(i));
  add(channels);
  const auto refuse_all = [this] {
    std::size_t count = 0;
    for (auto commands = sent(); !commands.empty(); commands = sent()) {
      count = commands.size();
      for (std::size_t i = 0; i < commands.size(); ++i) subscriptions_.on_error("NOPERM no", now_);
    }
    return count;
  };
  EXPECT_EQ(refuse_all(), 2'500u);
  pass(milliseconds(30'000));
  EXPECT_EQ(refuse_all(), 1'000u);
  pass(milliseconds(1'000));
  EXPECT_EQ(refuse_all(), 1'000u);
  pass(milliseconds(1'000));
  EXPECT_EQ(refuse_all(), 500u);
  pass(milliseconds(1'000));
  EXPECT_EQ(refuse_all(), 0u);
}

TEST_F(SubscriptionsTest, ARefusedUnsubscribeLeavesNothingBehind) {
  subscriptions_.on_connected();
  add({"a"});
  send_and_confirm();
  remove({"a"});
  pass(milliseconds(500));
  EXPECT_THAT(sent(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_EQ(subscriptions_.size(), 0u);
  EXPECT_EQ(subscriptions_.take_refusals().size(), 1u);
  add({"a"}, "again");
  send_and_confirm();
  EXPECT_THAT(completed(), ElementsAre("again"));
}

class PermanentTest : public SubscriptionsTest {
 protected:
  Subscriptions permanent_{
      {.answer_timeout = milliseconds(1'000), .unsubscribe_after = milliseconds(500)},
      {.channels = {"broadcast", "probe"}, .patterns = {"room:*"}}};
};

TEST_F(PermanentTest, PermanentOnesComeLastAndEachInACommandOfItsOwn) {
  permanent_.add({"a"}, {}, now_);
  permanent_.on_connected();
  EXPECT_TRUE(permanent_.has_commands());
  EXPECT_THAT(
      commands_in(permanent_.take_commands()),
      ElementsAre(ElementsAre("SUBSCRIBE", "a"), ElementsAre("PSUBSCRIBE", "room:*"),
                  ElementsAre("SUBSCRIBE", "broadcast"), ElementsAre("SUBSCRIBE", "probe")));
  EXPECT_TRUE(permanent_.on_subscribed("a", now_));
  EXPECT_TRUE(permanent_.on_pattern_subscribed("room:*"));
  EXPECT_TRUE(permanent_.on_subscribed("broadcast", now_));
  EXPECT_FALSE(permanent_.ready());
  EXPECT_TRUE(permanent_.on_subscribed("probe", now_));
  EXPECT_TRUE(permanent_.ready());
  EXPECT_FALSE(permanent_.on_subscribed("probe", now_));
}

TEST_F(PermanentTest, ARefusalOfAPermanentOneNamesItsChannel) {
  permanent_.on_connected();
  permanent_.take_commands();
  EXPECT_TRUE(permanent_.on_pattern_subscribed("room:*"));
  EXPECT_TRUE(permanent_.on_error("NOPERM no", now_));
  EXPECT_TRUE(permanent_.on_subscribed("probe", now_));
  const auto refusals = permanent_.take_refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].channel, "broadcast");
  EXPECT_TRUE(refusals[0].permanent);
  EXPECT_FALSE(permanent_.ready());
}

TEST_F(PermanentTest, ItIsReadyWhenWhatWasRefusedTogetherIsSubscribedToo) {
  permanent_.add({"a", "bad"}, {}, now_);
  permanent_.on_connected();
  permanent_.take_commands();
  EXPECT_TRUE(permanent_.on_error("NOPERM no", now_));
  EXPECT_TRUE(permanent_.on_pattern_subscribed("room:*"));
  EXPECT_TRUE(permanent_.on_subscribed("broadcast", now_));
  EXPECT_TRUE(permanent_.on_subscribed("probe", now_));
  EXPECT_FALSE(permanent_.ready());
  for (const auto& command : commands_in(permanent_.take_commands())) {
    if (command[1] == "a") {
      EXPECT_TRUE(permanent_.on_subscribed("a", now_));
    } else {
      EXPECT_TRUE(permanent_.on_error("NOPERM no", now_));
    }
  }
  EXPECT_TRUE(permanent_.ready());
}

}  // namespace
}  // namespace wscast::redis
