#include "broker/redis/subscriptions.h"

#include <algorithm>
#include <string>
#include <vector>

#include <gmock/gmock.h>

#include "unit/broker/redis_commands.h"

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

  /// The same with a waiter, which writes `name` into `through_`.
  void add(Words channels, const std::string& name) {
    subscriptions_.add(
        std::move(channels),
        [this, name](const Words& refused) {
          std::string line = name;
          for (const auto& channel : refused) line += " without " + channel;
          through_.push_back(line);
        },
        now_);
  }

  void remove(const Words& channels) { subscriptions_.remove(channels, now_); }

  std::vector<Words> told() { return commands_in(subscriptions_.take_commands()); }

  /// As Redis does, at once.
  void told_and_confirmed() {
    for (const auto& command : told()) {
      for (std::size_t i = 1; i < command.size(); ++i) {
        EXPECT_TRUE(command[0] == "SUBSCRIBE" ? subscriptions_.on_subscribed(command[i], now_)
                                              : subscriptions_.on_unsubscribed(command[i]));
      }
    }
  }

  Words through() {
    for (const auto& [done, refused] : subscriptions_.take_through()) done(refused);
    return std::exchange(through_, {});
  }

  void pass(milliseconds duration) {
    now_ += duration;
    subscriptions_.on_time(now_);
  }

  SteadyTime now_{};
  Subscriptions subscriptions_{
      {.answer_timeout = milliseconds(1'000), .unsubscribe_after = milliseconds(500)}};
  Words through_;
};

TEST_F(SubscriptionsTest, WhatIsWantedInOneTurnLeavesInOneCommand) {
  subscriptions_.on_link_up();
  add({"a", "b"});
  add({"c", "a"});
  EXPECT_TRUE(subscriptions_.changed());
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "a", "b", "c")));
  EXPECT_FALSE(subscriptions_.changed());
  EXPECT_THAT(told(), IsEmpty());
}

TEST_F(SubscriptionsTest, WaitersAreThroughWhenAllTheirChannelsAreConfirmed) {
  subscriptions_.on_link_up();
  add({"a", "b"}, "both");
  add({"b"}, "second");
  told();
  EXPECT_TRUE(subscriptions_.on_subscribed("b", now_));
  EXPECT_THAT(through(), ElementsAre("second"));
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(through(), ElementsAre("both"));
  EXPECT_EQ(subscriptions_.take_late(), 0u);
  add({"a", "b"}, "at once");
  EXPECT_THAT(through(), ElementsAre("at once"));
}

TEST_F(SubscriptionsTest, AWaiterWithoutChannelsIsThroughAtOnce) {
  subscriptions_.on_link_up();
  add({}, "nothing");
  EXPECT_THAT(through(), ElementsAre("nothing"));
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, WithoutAnAnswerTheyGoOnAndAreCounted) {
  subscriptions_.on_link_up();
  add({"a"}, "late");
  told();
  EXPECT_EQ(subscriptions_.next_deadline(), now_ + milliseconds(1'000));
  pass(milliseconds(999));
  EXPECT_THAT(through(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(through(), ElementsAre("late"));
  EXPECT_EQ(subscriptions_.take_late(), 1u);
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_)) << "it is heard later";
  EXPECT_THAT(through(), IsEmpty());
}

TEST_F(SubscriptionsTest, WithoutALinkTheyGoOnAtOnce) {
  add({"a"}, "before");
  EXPECT_THAT(through(), ElementsAre("before"));
  subscriptions_.on_link_up();
  add({"b"}, "lost");
  subscriptions_.on_link_down();
  EXPECT_THAT(through(), ElementsAre("lost"));
  EXPECT_EQ(subscriptions_.take_late(), 2u);
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, ANewLinkIsToldEverythingThatIsNeeded) {
  add({"a", "b"});
  subscriptions_.on_link_up();
  told_and_confirmed();
  remove({"b"});
  add({"c"});
  subscriptions_.on_link_down();
  EXPECT_FALSE(subscriptions_.changed());
  subscriptions_.on_link_up();
  const auto commands = told();
  ASSERT_EQ(commands.size(), 1u);
  EXPECT_THAT(commands[0], UnorderedElementsAre("SUBSCRIBE", "a", "c"));
}

TEST_F(SubscriptionsTest, AChannelIsGivenUpAWhileAfterTheLastHasLeft) {
  subscriptions_.on_link_up();
  add({"a"});
  add({"a"});
  told_and_confirmed();
  remove({"a"});
  pass(milliseconds(600));
  EXPECT_THAT(told(), IsEmpty()) << "one still needs it";
  remove({"a"});
  pass(milliseconds(499));
  EXPECT_THAT(told(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
  EXPECT_TRUE(subscriptions_.on_unsubscribed("a"));
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, OneThatIsNeededAgainIsKeptAndLingersAnew) {
  subscriptions_.on_link_up();
  add({"a"});
  told_and_confirmed();
  remove({"a"});
  pass(milliseconds(400));
  add({"a"}, "still subscribed");
  EXPECT_THAT(through(), ElementsAre("still subscribed"));
  remove({"a"});
  pass(milliseconds(100));
  EXPECT_THAT(told(), IsEmpty());
  pass(milliseconds(500));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
}

TEST_F(SubscriptionsTest, OneThatIsNeededAgainWhileItIsGivenUpIsSubscribedBehindThat) {
  subscriptions_.on_link_up();
  add({"a"});
  told_and_confirmed();
  remove({"a"});
  pass(milliseconds(500));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
  add({"a"}, "again");
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "a")));
  EXPECT_TRUE(subscriptions_.on_unsubscribed("a"));
  EXPECT_THAT(through(), IsEmpty()) << "that was not the confirmation";
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(through(), ElementsAre("again"));
}

TEST_F(SubscriptionsTest, AnUnsubscribeMayComeFirst) {
  subscriptions_.on_link_up();
  remove({"a"});
  add({"a"}, "nobody needs it");
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(through(), ElementsAre("nobody needs it"));
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, WhatCameAndWentInOneTurnIsNeverTold) {
  subscriptions_.on_link_up();
  add({"a"}, "gone");
  remove({"a"});
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_THAT(through(), ElementsAre("gone"));
  EXPECT_EQ(subscriptions_.take_late(), 0u);
  EXPECT_EQ(subscriptions_.size(), 0u);
}

TEST_F(SubscriptionsTest, OneThatNobodyNeedsWhenItIsConfirmedIsGivenUp) {
  subscriptions_.on_link_up();
  add({"a"});
  told();
  remove({"a"});
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  pass(milliseconds(500));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
}

TEST_F(SubscriptionsTest, CommandsHaveAtMostAThousandChannelsAnd64KiB) {
  subscriptions_.on_link_up();
  Words channels;
  for (int i = 0; i < 2'500; ++i) channels.push_back("short" + std::to_string(i));
  for (int i = 0; i < 8; ++i) channels.push_back(std::string(20'000, 'x') + std::to_string(i));
  add(channels);
  std::size_t told_channels = 0;
  const auto commands = told();
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

TEST_F(SubscriptionsTest, WhatWasNotAskedForIsSaidSo) {
  subscriptions_.on_link_up();
  EXPECT_FALSE(subscriptions_.on_subscribed("never", now_));
  EXPECT_FALSE(subscriptions_.on_unsubscribed("never"));
  add({"a"});
  EXPECT_FALSE(subscriptions_.on_subscribed("a", now_)) << "not told yet";
  told_and_confirmed();
  EXPECT_FALSE(subscriptions_.on_subscribed("a", now_));
  EXPECT_FALSE(subscriptions_.on_unsubscribed("a"));
  EXPECT_TRUE(subscriptions_.subscribed("a"));
}

// Refusals

TEST_F(SubscriptionsTest, ARefusedCommandIsAskedForAgainChannelByChannel) {
  subscriptions_.on_link_up();
  add({"a", "bad", "c"}, "all");
  add({"a"}, "a");
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "a", "bad", "c")));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_THAT(through(), IsEmpty());
  EXPECT_THAT(subscriptions_.take_refusals(), IsEmpty());
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "a"), ElementsAre("SUBSCRIBE", "bad"),
                                  ElementsAre("SUBSCRIBE", "c")));
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_THAT(through(), ElementsAre("a"));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_TRUE(subscriptions_.on_subscribed("c", now_));
  EXPECT_THAT(through(), ElementsAre("all without bad"));
  const auto refusals = subscriptions_.take_refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].channel, "bad");
  EXPECT_EQ(refusals[0].words, "NOPERM no");
  EXPECT_FALSE(refusals[0].always);
  EXPECT_EQ(subscriptions_.take_late(), 0u);
}

TEST_F(SubscriptionsTest, AnErrorIsOfTheOldestCommandWithoutAnAnswer) {
  subscriptions_.on_link_up();
  add({"a", "b"});
  told();
  add({"bad"}, "bad");
  told();
  EXPECT_TRUE(subscriptions_.on_subscribed("a", now_));
  EXPECT_TRUE(subscriptions_.on_subscribed("b", now_));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_THAT(through(), ElementsAre("bad without bad"));
  EXPECT_TRUE(subscriptions_.subscribed("a"));
  EXPECT_FALSE(subscriptions_.on_error("NOPERM no", now_)) << "nothing was asked";
}

TEST_F(SubscriptionsTest, ARefusedChannelIsAskedForAloneFromThenOn) {
  subscriptions_.on_link_up();
  add({"bad"});
  told();
  subscriptions_.on_error("NOPERM no", now_);
  add({"a", "bad", "c"}, "again");
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "a"), ElementsAre("SUBSCRIBE", "bad"),
                                  ElementsAre("SUBSCRIBE", "c")));
}

TEST_F(SubscriptionsTest, AChannelThatIsStillNeededIsTriedAgainLater) {
  subscriptions_.on_link_up();
  add({"bad"});
  told();
  subscriptions_.on_error("NOPERM no", now_);
  EXPECT_EQ(subscriptions_.next_deadline(), now_ + std::chrono::seconds(30));
  pass(milliseconds(29'999));
  EXPECT_THAT(told(), IsEmpty());
  pass(milliseconds(1));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "bad")));
  subscriptions_.on_error("NOPERM no", now_);
  pass(milliseconds(30'000));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("SUBSCRIBE", "bad")));
  EXPECT_TRUE(subscriptions_.on_subscribed("bad", now_));
  EXPECT_TRUE(subscriptions_.subscribed("bad"));
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, ARefusedChannelThatNobodyNeedsAnyMoreIsForgotten) {
  subscriptions_.on_link_up();
  add({"bad"});
  told();
  subscriptions_.on_error("NOPERM no", now_);
  remove({"bad"});
  EXPECT_EQ(subscriptions_.size(), 0u);
  pass(milliseconds(30'000));
  EXPECT_THAT(told(), IsEmpty());
  EXPECT_EQ(subscriptions_.next_deadline(), std::nullopt);
}

TEST_F(SubscriptionsTest, ManyRefusedChannelsAreTriedAgainAThousandASecond) {
  subscriptions_.on_link_up();
  Words channels;
  for (int i = 0; i < 2'500; ++i) channels.push_back("bad" + std::to_string(i));
  add(channels);
  const auto refuse_all = [this] {
    std::size_t count = 0;
    for (auto commands = told(); !commands.empty(); commands = told()) {
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
  subscriptions_.on_link_up();
  add({"a"});
  told_and_confirmed();
  remove({"a"});
  pass(milliseconds(500));
  EXPECT_THAT(told(), ElementsAre(ElementsAre("UNSUBSCRIBE", "a")));
  EXPECT_TRUE(subscriptions_.on_error("NOPERM no", now_));
  EXPECT_EQ(subscriptions_.size(), 0u);
  EXPECT_EQ(subscriptions_.take_refusals().size(), 1u);
  add({"a"}, "again");
  told_and_confirmed();
  EXPECT_THAT(through(), ElementsAre("again"));
}

class AlwaysTest : public SubscriptionsTest {
 protected:
  Subscriptions always_{
      {.answer_timeout = milliseconds(1'000), .unsubscribe_after = milliseconds(500)},
      {.channels = {"broadcast", "probe"}, .patterns = {"room:*"}}};
};

TEST_F(AlwaysTest, WhatIsAlwaysNeededComesLastAndEachInACommandOfItsOwn) {
  always_.add({"a"}, {}, now_);
  always_.on_link_up();
  EXPECT_TRUE(always_.changed());
  EXPECT_THAT(
      commands_in(always_.take_commands()),
      ElementsAre(ElementsAre("SUBSCRIBE", "a"), ElementsAre("PSUBSCRIBE", "room:*"),
                  ElementsAre("SUBSCRIBE", "broadcast"), ElementsAre("SUBSCRIBE", "probe")));
  EXPECT_TRUE(always_.on_subscribed("a", now_));
  EXPECT_TRUE(always_.on_pattern_subscribed("room:*"));
  EXPECT_TRUE(always_.on_subscribed("broadcast", now_));
  EXPECT_FALSE(always_.ready());
  EXPECT_TRUE(always_.on_subscribed("probe", now_));
  EXPECT_TRUE(always_.ready());
  EXPECT_FALSE(always_.on_subscribed("probe", now_));
}

TEST_F(AlwaysTest, ARefusalOfWhatIsAlwaysNeededNamesItsChannel) {
  always_.on_link_up();
  always_.take_commands();
  EXPECT_TRUE(always_.on_pattern_subscribed("room:*"));
  EXPECT_TRUE(always_.on_error("NOPERM no", now_));
  EXPECT_TRUE(always_.on_subscribed("probe", now_));
  const auto refusals = always_.take_refusals();
  ASSERT_EQ(refusals.size(), 1u);
  EXPECT_EQ(refusals[0].channel, "broadcast");
  EXPECT_TRUE(refusals[0].always);
  EXPECT_FALSE(always_.ready());
}

TEST_F(AlwaysTest, ItIsReadyWhenWhatWasRefusedTogetherIsSubscribedToo) {
  always_.add({"a", "bad"}, {}, now_);
  always_.on_link_up();
  always_.take_commands();
  EXPECT_TRUE(always_.on_error("NOPERM no", now_));
  EXPECT_TRUE(always_.on_pattern_subscribed("room:*"));
  EXPECT_TRUE(always_.on_subscribed("broadcast", now_));
  EXPECT_TRUE(always_.on_subscribed("probe", now_));
  EXPECT_FALSE(always_.ready());
  for (const auto& command : commands_in(always_.take_commands())) {
    if (command[1] == "a") {
      EXPECT_TRUE(always_.on_subscribed("a", now_));
    } else {
      EXPECT_TRUE(always_.on_error("NOPERM no", now_));
    }
  }
  EXPECT_TRUE(always_.ready());
}

}  // namespace
}  // namespace wscast::redis
