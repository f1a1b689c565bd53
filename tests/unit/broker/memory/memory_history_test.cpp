#include "broker/memory/memory_history.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/fake_random.h"
#include "support/session_fakes.h"

namespace wscast {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;

class MemoryHistoryTest : public ::testing::Test {
 protected:
  void append(const std::string& room, const std::string& envelope, const std::string& key = "") {
    history_.append({room, envelope, limits_, key}, [this](const HistoryAppended& appended) {
      last_ = appended;
      events_.push_back("done " + std::to_string(appended.position.offset));
    });
  }

  HistoryAppended appended(const std::string& room, const std::string& key = "") {
    append(room, R"({"a":1})", key);
    run();
    return last_;
  }

  HistoryPage page(const std::string& room, std::uint64_t after) {
    HistoryPage page;
    history_.read({room, after, limits_}, [&](HistoryPage read) { page = std::move(read); });
    run();
    return page;
  }

  std::vector<std::uint64_t> offsets(const std::string& room, std::uint64_t after) {
    std::vector<std::uint64_t> offsets;
    for (const auto& entry : page(room, after).entries) offsets.push_back(entry.offset);
    return offsets;
  }

  void run() {
    for (const auto& call : std::exchange(calls_, {})) call();
  }

  HistoryLimits limits_{.size = 3, .ttl = 10s};
  HistoryAppended last_;
  std::vector<std::string> events_;  ///< What was delivered, and what was called back.
  std::vector<std::function<void()>> calls_;
  FakeRandom random_;
  session::FakeClock clock_;
  MemoryHistory history_{
      {.later = [this](std::function<void()> call) { calls_.push_back(std::move(call)); },
       .deliver = [this](std::string_view envelope) { events_.emplace_back(envelope); }},
      random_,
      clock_};
};

const std::string kEpoch = "00000000000000010000000200000003";
const std::string kNextEpoch = "00000004000000050000000600000007";

TEST_F(MemoryHistoryTest, DeliversWithThePositionBeforeItCallsBackAndNeverInsideTheCall) {
  append("a", R"({"x":{}})");
  append("a", R"({"y":"}"})");
  EXPECT_THAT(events_, IsEmpty());
  run();
  EXPECT_THAT(events_, ElementsAre(R"({"x":{},"offset":1,"epoch":")" + kEpoch + "\"}", "done 1",
                                   R"({"y":"}","offset":2,"epoch":")" + kEpoch + "\"}", "done 2"));
  EXPECT_EQ(last_.backplane, Backplane::ok);
  EXPECT_EQ(last_.position, (Position{2, kEpoch}));
  EXPECT_FALSE(last_.repeated);
}

TEST_F(MemoryHistoryTest, NumbersEachRoomByItself) {
  EXPECT_EQ(appended("a").position, (Position{1, kEpoch}));
  EXPECT_EQ(appended("b").position, (Position{1, kNextEpoch}));
  EXPECT_EQ(appended("a").position, (Position{2, kEpoch}));
}

TEST_F(MemoryHistoryTest, ReadsWhatLiesBehindAnOffsetAsItWasAppended) {
  append("a", "{1}");
  append("a", "{2}");
  append("a", "{3}");
  run();
  const auto read = page("a", 1);
  EXPECT_TRUE(read.available);
  EXPECT_EQ(read.epoch, kEpoch);
  EXPECT_EQ(read.last, 3u);
  ASSERT_EQ(read.entries.size(), 2u);
  EXPECT_EQ(read.entries[0].offset, 2u);
  EXPECT_EQ(read.entries[0].envelope, "{2}");
  EXPECT_EQ(read.entries[1].envelope, "{3}");
  EXPECT_THAT(offsets("a", 3), IsEmpty());
  EXPECT_THAT(offsets("a", static_cast<std::uint64_t>(-1)), IsEmpty());
}

TEST_F(MemoryHistoryTest, ReadingBeginsAnEpoch) {
  const auto read = page("a", 0);
  EXPECT_TRUE(read.available);
  EXPECT_EQ(read.epoch, kEpoch);
  EXPECT_EQ(read.last, 0u);
  EXPECT_EQ(appended("a").position, (Position{1, kEpoch}));
}

TEST_F(MemoryHistoryTest, TellsThePositionsInTheOrderOfTheRooms) {
  appended("a");
  std::vector<std::optional<Position>> positions;
  history_.read_positions({{"b", limits_}, {"a", limits_}},
                          [&](auto read) { positions = std::move(read); });
  EXPECT_THAT(positions, IsEmpty());
  run();
  EXPECT_THAT(positions, ElementsAre(Position{0, kNextEpoch}, Position{1, kEpoch}));
}

TEST_F(MemoryHistoryTest, KeepsTheNewestUpToTheSize) {
  for (int i = 0; i < 5; ++i) appended("a");
  EXPECT_THAT(offsets("a", 0), ElementsAre(3, 4, 5));
  limits_.size = 1;
  EXPECT_THAT(offsets("a", 0), ElementsAre(5));
}

TEST_F(MemoryHistoryTest, ASmallerSizeHoldsAtOnce) {
  limits_.size = 1'000;
  for (int i = 0; i < 100; ++i) appended("a");
  limits_.size = 2;
  EXPECT_THAT(offsets("a", 0), ElementsAre(99, 100));
}

TEST_F(MemoryHistoryTest, LeavesOutWhatHasExpired) {
  limits_.size = 1'000;
  for (int i = 0; i < 100; ++i) appended("a");
  clock_.pass(6s);
  appended("a");
  clock_.pass(4s);
  EXPECT_EQ(offsets("a", 0).size(), 101u);
  clock_.pass(1ms);
  EXPECT_THAT(offsets("a", 0), ElementsAre(101));
  EXPECT_EQ(page("a", 0).last, 101u);
}

TEST_F(MemoryHistoryTest, ARoomKeepsItsPositionForADayAfterItsMessages) {
  appended("a");
  clock_.pass(24h + 10s);
  EXPECT_EQ(page("b", 0).last, 0u);
  EXPECT_EQ(history_.rooms(), 2u);
  clock_.pass(1ms);
  appended("b");
  EXPECT_EQ(history_.rooms(), 1u);
  EXPECT_EQ(appended("a").position.offset, 1u);
}

TEST_F(MemoryHistoryTest, ARoomWhosePositionIsReadIsNotForgotten) {
  appended("a");
  for (int day = 0; day < 3; ++day) {
    clock_.pass(24h);
    history_.read_positions({{"a", limits_}}, [](const auto&) {});
    run();
  }
  EXPECT_EQ(appended("a").position, (Position{2, kEpoch}));
}

TEST_F(MemoryHistoryTest, ManyRoomsAreForgottenByAsManyCalls) {
  limits_.size = 100;
  for (int i = 0; i < 1'000; ++i) {
    appended("room" + std::to_string(i % 50));
  }
  EXPECT_EQ(history_.rooms(), 50u);
  clock_.pass(24h + 11s);
  for (int i = 0; i < 60; ++i) appended("a");
  EXPECT_EQ(history_.rooms(), 1u);
}

TEST_F(MemoryHistoryTest, AKeyIsPublishedOnceWithinFiveMinutes) {
  appended("a");
  EXPECT_FALSE(appended("a", "k").repeated);
  appended("a");
  events_.clear();
  clock_.pass(5min);
  EXPECT_TRUE(appended("a", "k").repeated);
  EXPECT_EQ(last_.position, (Position{2, kEpoch}));
  EXPECT_EQ(last_.backplane, Backplane::ok);
  EXPECT_THAT(events_, ElementsAre("done 2"));
  EXPECT_FALSE(appended("b", "k").repeated) << "another room";
  clock_.pass(1ms);
  EXPECT_FALSE(appended("a", "k").repeated);
  EXPECT_EQ(last_.position.offset, 4u);
  EXPECT_TRUE(appended("a", "k").repeated);
}

TEST_F(MemoryHistoryTest, ManyKeysExpireTogether) {
  for (int i = 0; i < 100; ++i) appended("a", std::to_string(i));
  clock_.pass(5min + 1ms);
  for (int i = 0; i < 100; ++i) EXPECT_FALSE(appended("a", std::to_string(i)).repeated) << i;
}

TEST_F(MemoryHistoryTest, WithoutRandomnessThereIsNoHistory) {
  random_.fails = true;
  EXPECT_EQ(appended("a").backplane, Backplane::down);
  EXPECT_THAT(events_, ElementsAre("done 0"));
  EXPECT_FALSE(page("a", 0).available);
  EXPECT_EQ(history_.rooms(), 0u);
}

TEST_F(MemoryHistoryTest, OnceStoppedItKeepsAndDeliversNothing) {
  append("a", "{1}");
  history_.stop();
  run();
  EXPECT_EQ(last_.backplane, Backplane::down);
  EXPECT_THAT(events_, ElementsAre("done 0"));
  EXPECT_FALSE(page("a", 0).available);
}

}  // namespace
}  // namespace wscast
