// Rooms with history, as a server follows them: order, holes, epochs, and who comes back
// (protocol.md H3, H5, H6).

#include "server/history_feed.h"

#include <algorithm>
#include <chrono>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "protocol/envelope.h"
#include "support/fake_shards.h"
#include "unit/server/history_feed_fakes.h"

namespace wscast::server {
namespace {

using protocol::LossReason;
using session::HistoryAnswer;
using std::chrono::milliseconds;

using Said = std::vector<std::string>;

class HistoryFeedTest : public testing::Test {
 protected:
  HistoryFeedTest() { feed.start(&history); }

  /// A message of the broker's reaches this server.
  void arrive(const Position& position) {
    const std::string text = envelope(position.offset);
    auto parsed = protocol::parse_backplane_message(text, "me", 10);
    parsed.message.position = position;
    EXPECT_TRUE(feed.on_message(parsed.message));
  }
  void publish_and_arrive(int count = 1) {
    for (int i = 0; i < count; ++i) arrive(history.publish());
  }
  void ask(std::optional<Position> seen) {
    feed.request(0, client, {.number = 1, .rooms = {{kRoom, std::move(seen)}}});
  }
  void pass(milliseconds time) {
    for (; time > milliseconds(0); time -= HistoryFeed::kTick) {
      clock.pass(HistoryFeed::kTick);
      executor.run_timers();
    }
  }
  std::uint64_t count(Counter counter) {
    Stats stats;
    executor.counters().add_to(stats);
    return stats[counter];
  }

  session::FakeClock clock;
  FakeExecutor executor{clock};
  session::HistoryRules rules{{HistoryRule{.match = kRoom}}};
  FakeHistory history;
  FakeOutput output;
  HistoryFeed feed{executor, rules, {.max_waiting_bytes = 1'000'000}, output};
  const ClientId client = ClientId::generate(system_random());
};

TEST_F(HistoryFeedTest, H3DeliversInOrder) {
  publish_and_arrive(3);
  EXPECT_EQ(output.take(), (Said{"1a", "2a", "3a"}));
  EXPECT_EQ(history.reads, 0);
}

TEST_F(HistoryFeedTest, H3ARoomWithoutHistoryIsNotItsConcern) {
  auto parsed = protocol::parse_backplane_message(
      R"({"serverId":"o","type":"room","target":"lobby","event":"e","offset":1,"epoch":"a"})", "me",
      10);
  ASSERT_TRUE(parsed.message.position);
  EXPECT_FALSE(feed.on_message(parsed.message));
}

TEST_F(HistoryFeedTest, H3DropsWhatComesTwice) {
  publish_and_arrive(2);
  arrive({1, "a"});
  arrive({2, "a"});
  EXPECT_EQ(output.take(), (Said{"1a", "2a"}));
  EXPECT_EQ(count(Counter::history_duplicates), 2u);
}

TEST_F(HistoryFeedTest, H6ReadsWhatWasMissedBeforeAnythingNewer) {
  publish_and_arrive();
  history.publish();
  publish_and_arrive();
  EXPECT_EQ(output.take(), (Said{"1a"}));
  publish_and_arrive();
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"2a", "3a", "4a"}));
  EXPECT_EQ(history.reads, 1);
  EXPECT_EQ(count(Counter::history_caught_up), 3u);
}

TEST_F(HistoryFeedTest, H6TellsWhatIsNotKeptAnyMore) {
  publish_and_arrive();
  history.publish();
  history.publish();
  const Position third = history.publish();
  history.trim(1);
  arrive(third);
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "gap 2-3 window at 3a", "4a"}));
}

TEST_F(HistoryFeedTest, H6FindsALostMessageWithNothingBehindIt) {
  publish_and_arrive();
  history.publish();
  pass(milliseconds(5'000));
  history.answer_all();
  pass(milliseconds(500));
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "2a"}));
}

TEST_F(HistoryFeedTest, H6ACheckThatFailsIsSoonMadeAgain) {
  publish_and_arrive();
  history.publish();
  history.away = true;
  feed.on_gap();
  history.answer_all();
  history.away = false;
  pass(HistoryFeed::kTick);
  history.answer_all();
  pass(HistoryFeed::kTick);
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "2a"}));
  EXPECT_EQ(history.positions, 2);
}

TEST_F(HistoryFeedTest, H6WhatIsLostIsFoundWithinFiveSeconds) {
  pass(milliseconds(500));
  publish_and_arrive();
  history.publish();
  pass(milliseconds(4'000));
  history.answer_all();
  pass(milliseconds(500));
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "2a"}));
}

TEST_F(HistoryFeedTest, H6AMessageOnItsWayIsNotRead) {
  publish_and_arrive();
  const Position second = history.publish();
  feed.on_gap();
  history.answer_all();
  arrive(second);
  pass(milliseconds(500));
  EXPECT_EQ(output.take(), (Said{"1a", "2a"}));
  EXPECT_EQ(history.reads, 0);
}

TEST_F(HistoryFeedTest, H2AnotherEpochIsToldAndReadFromItsBeginning) {
  publish_and_arrive(2);
  history.begin_epoch("b");
  history.publish();
  publish_and_arrive();
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "2a", "gap ?-? epoch at 0b", "1b", "2b"}));
}

TEST_F(HistoryFeedTest, H2AnotherEpochIsFoundWithoutAMessage) {
  publish_and_arrive(2);
  history.begin_epoch("b");
  pass(milliseconds(5'000));
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "2a", "gap ?-? epoch at 0b"}));
}

TEST_F(HistoryFeedTest, H2AMessageOfAnEpochThatIsOverIsDropped) {
  publish_and_arrive();
  arrive({7, "old"});
  history.answer_all();
  publish_and_arrive();
  EXPECT_EQ(output.take(), (Said{"1a", "2a"}));
  EXPECT_EQ(count(Counter::history_stale), 1u);
}

TEST_F(HistoryFeedTest, AReadThatFailsIsTriedAgain) {
  publish_and_arrive();
  history.publish();
  publish_and_arrive();
  history.away = true;
  history.answer_all();
  history.away = false;
  EXPECT_EQ(output.take(), (Said{"1a"}));
  pass(milliseconds(1'500));
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"2a", "3a"}));
}

TEST_F(HistoryFeedTest, H4AClientLearnsThePosition) {
  history.last = 7;
  history.first = 8;
  ask(std::nullopt);
  EXPECT_EQ(output.take(), Said{});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 7a"}));
  EXPECT_EQ(history.reads, 0);
}

TEST_F(HistoryFeedTest, H5AClientGetsWhatItMissed) {
  publish_and_arrive(4);
  output.take();
  ask(Position{2, "a"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 2a +3a +4a"}));
  ask(Position{4, "a"});
  EXPECT_EQ(output.take(), (Said{"answer 4a"}));
}

TEST_F(HistoryFeedTest, H5ManyClientsCostOneRead) {
  publish_and_arrive(4);
  output.take();
  for (int i = 0; i < 1'000; ++i) ask(Position{2, "a"});
  history.answer_all();
  publish_and_arrive();
  for (int i = 0; i < 1'000; ++i) ask(Position{3, "a"});
  EXPECT_EQ(output.said.size(), 2'001u);
  EXPECT_EQ(output.said.front(), "answer 2a +3a +4a");
  EXPECT_EQ(output.said.back(), "answer 3a +4a +5a");
  EXPECT_EQ(history.reads, 1);
}

TEST_F(HistoryFeedTest, H5WhatIsPublishedMeanwhileIsInTheAnswer) {
  publish_and_arrive(3);
  output.take();
  ask(Position{1, "a"});
  publish_and_arrive();
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"4a", "answer 1a +2a +3a +4a"}));
}

TEST_F(HistoryFeedTest, H5MuchIsAnsweredInParts) {
  history.max_entries = 2;
  publish_and_arrive(5);
  output.take();
  output.on_answer = [this](const ClientId&, const HistoryAnswer& answer) {
    const auto& room = answer.rooms.front();
    if (room.more) ask(room.missed.back()->position());
  };
  ask(Position{0, "a"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 0a +1a +2a", "answer 2a +3a +4a", "answer 4a +5a"}));
}

TEST_F(HistoryFeedTest, H6MuchIsReadInParts) {
  history.max_entries = 2;
  publish_and_arrive(1);
  for (int i = 0; i < 5; ++i) history.publish();
  publish_and_arrive(1);
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"1a", "2a", "3a", "4a", "5a", "6a", "7a"}));
}

TEST_F(HistoryFeedTest, H5SaysWhyWhatWasMissedIsNotThere) {
  publish_and_arrive(4);
  history.trim(1);
  output.take();
  ask(Position{1, "a"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 4a window"}));
  pass(milliseconds(2'000));
  history.answer_all();
  ask(Position{1, "before"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 4a epoch"}));
  pass(milliseconds(2'000));
  history.answer_all();
  ask(Position{9, "a"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 4a epoch"}));
}

TEST_F(HistoryFeedTest, H5AnEpochThatHasJustBegunIsFoundByWhoKnowsIt) {
  publish_and_arrive(2);
  history.begin_epoch("b");
  history.publish();
  output.take();
  ask(Position{0, "b"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"gap ?-? epoch at 0b", "1b", "answer 0b +1b"}));
}

TEST_F(HistoryFeedTest, H5AnswersInTimeWhenTheBrokerIsAway) {
  publish_and_arrive(2);
  output.take();
  history.away = true;
  ask(Position{1, "a"});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 2a unavailable"}));
}

TEST_F(HistoryFeedTest, H5AnswersInTimeWhenTheBrokerIsSilent) {
  publish_and_arrive(2);
  output.take();
  ask(Position{1, "a"});
  pass(milliseconds(2'000));
  EXPECT_EQ(output.take(), (Said{"answer 2a unavailable"}));
}

TEST_F(HistoryFeedTest, H5MoreThanMayWaitIsNotSent) {
  session::HistoryRules strict{{HistoryRule{.match = kRoom, .replay = false}}};
  HistoryFeed other{executor, strict, {.max_waiting_bytes = 300}, output};
  other.start(&history);
  history.last = 3;
  other.request(0, client, {.number = 1, .rooms = {{kRoom, Position{0, "a"}}}});
  history.answer_all();
  EXPECT_EQ(output.take(), (Said{"answer 3a limit"}));
}

TEST_F(HistoryFeedTest, RoomsWithoutMembersAreForgotten) {
  publish_and_arrive();
  EXPECT_EQ(feed.rooms(), 1u);
  output.members = false;
  pass(milliseconds(5'500));
  EXPECT_EQ(feed.rooms(), 0u);
}

/// Clients of one server that come and go while messages are published, get lost, or are trimmed,
/// and Redis goes away or begins an epoch: each gets every message behind its position, in order,
/// or is told that it does not.
class Model {
 public:
  explicit Model(unsigned seed) : random_(seed) {
    output_.on_deliver = [this](const hub::HistoryMessage& message) {
      for (auto& [id, client] : clients_) {
        if (client.there) take(client, message.position());
      }
    };
    output_.on_tell = [this](const Position& position) {
      for (auto& [id, client] : clients_) {
        if (client.there) client.at = position;
      }
    };
    output_.on_answer = [this](const ClientId& id, const HistoryAnswer& answer) {
      on_answer(clients_.at(id), answer);
    };
    history_.max_entries = 1 + seed % 5;
    feed_.start(&history_);
    for (int i = 0; i < 4; ++i) clients_.emplace(ClientId::generate(system_random()), Client{});
  }

  void run(int steps) {
    for (int i = 0; i < steps; ++i) step();
    history_.away = false;
    for (int i = 0; i < 120; ++i) {
      history_.answer_all();
      pass();
      for (auto& [id, client] : clients_) {
        if (i > 20 && !client.there && !client.asking) ask(id, client);
      }
    }
    for (const auto& [id, client] : clients_) {
      EXPECT_TRUE(client.there);
      ASSERT_TRUE(client.at);
      EXPECT_EQ(text_of(*client.at), text_of({history_.last, history_.epoch}));
    }
  }

 private:
  struct Client {
    bool there = false;
    bool asking = false;
    std::optional<Position> at;  ///< Behind which the next message comes.
  };

  static void take(Client& client, const Position& position) {
    if (!client.at) {
      client.at = position;
      return;
    }
    EXPECT_EQ(text_of(position), text_of({client.at->offset + 1, client.at->epoch}));
    client.at = position;
  }

  static void on_answer(Client& client, const HistoryAnswer& answer) {
    const HistoryAnswer::Room& room = answer.rooms.front();
    client.asking = false;
    client.there = true;
    const bool recovered = client.at && !room.lost;
    if (recovered) {
      EXPECT_EQ(text_of(*room.position), text_of(*client.at));
    }
    client.at = room.position;
    for (const auto& message : room.missed) take(client, message->position());
    if (room.more) client.there = false;
  }

  void step() {
    switch (random_() % 16) {
      case 0:
      case 1:
      case 2:
      case 3:
        return publish(false);
      case 4:
        return publish(true);
      case 5:
      case 6:
        history_.answer_next();
        return;
      case 7:
        return pass();
      case 8:
        history_.trim(random_() % 6);
        return;
      case 9:
        if (random_() % 4 == 0) {
          history_.begin_epoch(std::string(1, static_cast<char>('b' + random_() % 20)) +
                               std::to_string(++epochs_));
        }
        return;
      case 10:
        if (random_() % 3 == 0) history_.away = !history_.away;
        return;
      case 11:
        return feed_.on_gap();
      case 12:
        if (!sent_.empty()) arrive(sent_[random_() % sent_.size()]);
        return;
      default:
        return come_or_go();
    }
  }

  void publish(bool lost) {
    const Position position = history_.publish();
    sent_.push_back(position);
    if (!lost) arrive(position);
  }
  void arrive(const Position& position) {
    const std::string text = envelope(position.offset);
    auto parsed = protocol::parse_backplane_message(text, "me", 10);
    parsed.message.position = position;
    feed_.on_message(parsed.message);
  }
  void pass() {
    clock_.pass(HistoryFeed::kTick);
    executor_.run_timers();
  }
  void ask(const ClientId& id, Client& client) {
    client.asking = true;
    feed_.request(0, id, {.number = 1, .rooms = {{kRoom, client.at}}});
  }
  void come_or_go() {
    auto it = clients_.begin();
    std::advance(it, random_() % clients_.size());
    Client& client = it->second;
    if (client.asking) return;
    if (client.there) {
      client.there = false;
    } else {
      ask(it->first, client);
    }
  }

  std::mt19937 random_;
  session::FakeClock clock_;
  FakeExecutor executor_{clock_};
  session::HistoryRules rules_{{HistoryRule{.match = kRoom}}};
  FakeHistory history_;
  FakeOutput output_;
  HistoryFeed feed_{executor_, rules_, {.max_waiting_bytes = 1'000'000}, output_};
  std::map<ClientId, Client> clients_;
  std::vector<Position> sent_;
  int epochs_ = 0;
};

TEST(HistoryFeedModel, H6NothingIsLostWithoutAWord) {
  for (unsigned seed = 0; seed < 2'000; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Model(seed).run(150);
    if (testing::Test::HasFailure()) return;
  }
}

}  // namespace
}  // namespace wscast::server
