// What every History promises (broker/history.h).

#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/broker.h"
#include "wscast/redis.h"

#include "integration/history_user.h"
#include "support/broker_world.h"
#include "support/redis_process.h"

namespace wscast::test {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::IsEmpty;
using testing::Not;

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

class RedisMedium : public Medium {
 public:
  std::shared_ptr<Broker> broker() override {
    return redis_broker({.url = redis_.url(), .prefix = "a*[b]\\?{:"});
  }

 private:
  RedisProcess redis_;
};

/// A Cluster takes 2 s to start, so all tests have one, and rooms of their own there.
class ClusterMedium : public Medium {
 public:
  ClusterMedium() : prefix_(std::to_string(++made_) + ':') { group().await_keys(); }
  std::shared_ptr<Broker> broker() override {
    return redis_broker({.url = group().url(), .prefix = prefix_});
  }

 private:
  static ClusterGroup& group() {
    static ClusterGroup group;
    return group;
  }

  static inline int made_ = 0;
  const std::string prefix_;
};

struct Kind {
  const char* name;
  std::unique_ptr<Medium> (*make)();
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

class HistoryContractTest : public ::testing::TestWithParam<Kind> {
 protected:
  HistoryUser& start() {
    auto& user = world_.add(medium_->broker());
    EXPECT_EQ(user.start(), "");
    users_.push_back(std::make_unique<HistoryUser>(world_, user));
    return *users_.back();
  }

  /// Also of a loop that has nothing to do.
  void pass(std::chrono::milliseconds duration) {
    world_.run_until([] { return false; }, duration);
  }

  const std::unique_ptr<Medium> medium_ = GetParam().make();
  BrokerWorld world_;
  std::vector<std::unique_ptr<HistoryUser>> users_;
};

TEST_P(HistoryContractTest, CallsBackLaterOnceAndInOrder) {
  auto& user = start();
  std::vector<std::string> calls;
  for (int i = 0; i < 20; ++i) {
    const auto number = std::to_string(i);
    user.history().append({.room = "a", .envelope = "{\"n\":" + number + "}"},
                          [&, number](const auto&) { calls.push_back("append " + number); });
    user.history().read({.room = "a"},
                        [&, number](const auto&) { calls.push_back("read " + number); });
    user.history().read_positions(
        {{"b"}, {"a"}}, [&, number](const auto&) { calls.push_back("positions " + number); });
  }
  user.history().read_positions({}, [&](const auto& none) {
    EXPECT_TRUE(none.empty());
    calls.push_back("none");
  });
  EXPECT_THAT(calls, IsEmpty());
  EXPECT_TRUE(world_.run_until([&] { return calls.size() >= 61; }));
  std::erase(calls, "none");
  std::vector<std::string> expected;
  for (int i = 0; i < 20; ++i)
    for (const auto* what : {"append ", "read ", "positions "})
      expected.push_back(what + std::to_string(i));
  EXPECT_THAT(calls, ElementsAreArray(expected));
}

TEST_P(HistoryContractTest, H10KeysAndOffsetsOfMessagesThatAreAppendedAtOnce) {
  auto& user = start();
  std::vector<std::string> results;
  for (int i = 0; i < 250; ++i) {
    const auto key = i % 2 == 0 ? std::to_string(i / 20) : "";
    user.history().append(
        {.room = "a", .envelope = "{\"n\":" + std::to_string(i) + "}", .key = key},
        [&](const HistoryAppended& it) {
          EXPECT_EQ(it.backplane, Backplane::ok);
          results.push_back((it.repeated ? "again " : "new ") + std::to_string(it.position.offset));
        });
  }
  EXPECT_TRUE(world_.run_until([&] { return results.size() == 250; }));
  std::vector<std::string> expected;
  std::map<std::string, std::uint64_t> first;
  std::uint64_t offset = 0;
  for (int i = 0; i < 250; ++i) {
    const auto key = i % 2 == 0 ? std::to_string(i / 20) : "-" + std::to_string(i);
    const auto [known, added] = first.try_emplace(key, offset + 1);
    if (added) ++offset;
    expected.push_back((added ? "new " : "again ") + std::to_string(known->second));
  }
  EXPECT_THAT(results, ElementsAreArray(expected));
  const auto page = user.read("a", 0);
  EXPECT_EQ(page.last, offset);
  EXPECT_EQ(page.entries.size(), offset);
}

TEST_P(HistoryContractTest, KeysOfMessagesThatShareACall) {
  auto& user = start();
  std::vector<std::string> results;
  for (const char* key : {"x", "y", "x", "z", "y"}) {
    user.history().append(
        {.room = "a", .envelope = R"({"x":1})", .key = key}, [&](const HistoryAppended& it) {
          results.push_back((it.repeated ? "again " : "new ") + std::to_string(it.position.offset));
        });
  }
  EXPECT_TRUE(world_.run_until([&] { return results.size() == 5; }));
  EXPECT_THAT(results, ElementsAre("new 1", "new 2", "again 1", "new 3", "again 2"));
  const auto again = user.append("a", R"({"x":1})", "z");
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.position.offset, 3u);
}

TEST_P(HistoryContractTest, EveryCallbackHasRunWhenItHasStopped) {
  auto& user = start();
  int left = 0;
  for (int i = 0; i < 100; ++i) {
    left += 3;
    user.history().append({.room = "a", .envelope = R"({"x":1})"}, [&](const auto&) { --left; });
    user.history().read({.room = "a"}, [&](const auto&) { --left; });
    user.history().read_positions({{"a"}}, [&](const auto&) { --left; });
  }
  user.broker().stop();
  EXPECT_EQ(left, 0);
}

TEST_P(HistoryContractTest, EveryCallbackHasRunWhenItIsAbandoned) {
  auto& user = start();
  int left = 3;
  user.history().append({.room = "a", .envelope = R"({"x":1})"}, [&](const HistoryAppended& it) {
    EXPECT_NE(it.backplane, Backplane::ok);
    --left;
  });
  user.history().read({.room = "a"}, [&](const HistoryPage& page) {
    EXPECT_FALSE(page.available);
    --left;
  });
  user.history().read_positions({{"a"}}, [&](const auto& positions) {
    EXPECT_THAT(positions, ElementsAre(std::nullopt));
    --left;
  });
  user.broker().abandon();
  EXPECT_EQ(left, 0);
}

TEST_P(HistoryContractTest, NumbersTheMessagesOfEachRoom) {
  auto& user = start();
  const auto first = user.append("a", R"({"x":1})");
  EXPECT_EQ(first.backplane, Backplane::ok);
  EXPECT_FALSE(first.repeated);
  EXPECT_EQ(first.position.offset, 1u);
  EXPECT_THAT(first.position.epoch, testing::MatchesRegex("[0-9a-zA-Z+/=-]{16,}"));
  EXPECT_EQ(user.append("a", R"({"x":2})").position, (Position{2, first.position.epoch}));
  EXPECT_EQ(user.append("b", R"({"x":3})").position.offset, 1u);
  EXPECT_EQ(user.append("a", R"({"x":4})").position.offset, 3u);
}

TEST_P(HistoryContractTest, DeliversWithThePositionAsLastMembersAndBeforeItCallsBack) {
  auto& user = start();
  user.broker().subscribe({"ws:room:a"});
  std::vector<std::string> events;
  user.broker().when_envelope = [&](std::string_view text) { events.emplace_back(text); };
  const std::string odd = R"({"t":"\"}\\\u0000{é","a":[{}]})";
  std::string epoch;
  for (const std::string& envelope : {std::string(R"({"x":1})"), odd}) {
    user.history().append({.room = "a", .envelope = envelope}, [&](const HistoryAppended& it) {
      epoch = it.position.epoch;
      events.push_back("done");
    });
  }
  EXPECT_TRUE(world_.run_until([&] { return events.size() >= 4; }));
  // On Redis the two come by different connections.
  const bool ordered = !user.broker().broker().reaches_others();
  EXPECT_TRUE(!ordered || events[1] == "done");
  std::erase(events, "done");
  EXPECT_THAT(events, ElementsAre(R"({"x":1,"offset":1,"epoch":")" + epoch + "\"}",
                                  odd.substr(0, odd.size() - 1) + R"(,"offset":2,"epoch":")" +
                                      epoch + "\"}"));
}

TEST_P(HistoryContractTest, ReadsWhatLiesBehindAnOffsetAsItWasAppended) {
  auto& user = start();
  const auto epoch = user.append("a", R"({"x":1})").position.epoch;
  user.append("a", R"({"x":2})");
  user.append("a", R"({"x":3})");
  const auto page = user.read("a", 1);
  EXPECT_TRUE(page.available);
  EXPECT_EQ(page.epoch, epoch);
  EXPECT_EQ(page.last, 3u);
  EXPECT_THAT(texts(page), ElementsAre(R"(2 {"x":2})", R"(3 {"x":3})"));
  for (const std::uint64_t after : {std::uint64_t{3}, std::uint64_t{4}, std::uint64_t{1} << 53,
                                    static_cast<std::uint64_t>(-1)}) {
    const auto none = user.read("a", after);
    EXPECT_TRUE(none.available) << after;
    EXPECT_EQ(none.last, 3u);
    EXPECT_THAT(none.entries, IsEmpty());
  }
}

TEST_P(HistoryContractTest, ReadingBeginsAnEpochThatAppendingGoesOnWith) {
  auto& user = start();
  const auto page = user.read("a", 0);
  EXPECT_TRUE(page.available);
  EXPECT_EQ(page.last, 0u);
  EXPECT_THAT(page.epoch, Not(IsEmpty()));
  const auto positions = user.positions({"b", "a"});
  ASSERT_EQ(positions.size(), 2u);
  ASSERT_TRUE(positions[0] && positions[1]);
  EXPECT_EQ(*positions[1], (Position{0, page.epoch}));
  EXPECT_EQ(user.append("a", R"({"x":1})").position, (Position{1, page.epoch}));
  EXPECT_EQ(user.append("b", R"({"x":1})").position, (Position{1, positions[0]->epoch}));
}

TEST_P(HistoryContractTest, TellsThePositionsOfManyRooms) {
  auto& user = start();
  std::vector<std::string> rooms;
  for (int i = 0; i < 450; ++i) {
    rooms.push_back("room" + std::to_string(i));
    if (i % 9 == 0) user.append(rooms.back(), R"({"x":1})");
  }
  rooms.push_back("room0");
  const auto positions = user.positions(rooms);
  ASSERT_EQ(positions.size(), 451u);
  for (std::size_t i = 0; i < 450; ++i) {
    ASSERT_TRUE(positions[i]) << i;
    EXPECT_EQ(positions[i]->offset, i % 9 == 0 ? 1u : 0u) << i;
  }
  EXPECT_EQ(positions[450], positions[0]);
}

TEST_P(HistoryContractTest, KeepsTheNewestUpToTheSize) {
  auto& user = start();
  user.limits.size = 3;
  for (int i = 0; i < 250; ++i) user.append("a", R"({"x":1})");
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(248, 249, 250));
  EXPECT_THAT(offsets(user.read("a", 249)), ElementsAre(250));
}

TEST_P(HistoryContractTest, KeepsThemForTheirTime) {
  auto& user = start();
  user.limits.ttl = 1s;
  user.append("a", R"({"x":1})");
  user.append("a", R"({"x":2})");
  EXPECT_THAT(offsets(user.read("a", 0)), ElementsAre(1, 2));
  pass(700ms);
  user.append("a", R"({"x":3})");
  pass(310ms);
  const auto page = user.read("a", 0);
  EXPECT_THAT(offsets(page), ElementsAre(3));
  EXPECT_EQ(page.last, 3u);
  pass(1'010ms);
  const auto none = user.read("a", 0);
  EXPECT_THAT(offsets(none), IsEmpty());
  EXPECT_EQ(none.last, 3u) << "the position outlives the messages";
  EXPECT_EQ(none.epoch, page.epoch);
  EXPECT_EQ(user.append("a", R"({"x":4})").position, (Position{4, page.epoch}));
}

TEST_P(HistoryContractTest, AKeyIsPublishedOnce) {
  auto& user = start();
  user.broker().subscribe({"ws:room:a"});
  user.append("a", R"({"x":1})");
  const auto first = user.append("a", R"({"x":2})", "a key {%}\n");
  EXPECT_FALSE(first.repeated);
  const auto again = user.append("a", R"({"x":3})", "a key {%}\n");
  EXPECT_EQ(again.backplane, Backplane::ok);
  EXPECT_TRUE(again.repeated);
  EXPECT_EQ(again.position, first.position);
  EXPECT_FALSE(user.append("a", R"({"x":4})", "another").repeated);
  EXPECT_FALSE(user.append("b", R"({"x":5})", "another").repeated) << "another room";
  EXPECT_THAT(texts(user.read("a", 1)), ElementsAre(R"(2 {"x":2})", R"(3 {"x":4})"));
  user.append("a", R"({"x":6})");
  const auto& envelopes = user.broker().envelopes;
  EXPECT_TRUE(world_.run_until(
      [&] { return !envelopes.empty() && envelopes.back().starts_with(R"({"x":6)"); }));
  const bool exact = user.broker().broker().subscribes_exactly();
  EXPECT_EQ(envelopes.size(), exact ? 4u : 5u);
}

TEST_P(HistoryContractTest, RoomsMayHaveAnyName) {
  auto& user = start();
  const std::vector<std::string> rooms = {"{",   "}",     "%",  "{}", "%7B", "a{b}c",
                                          "x y", "a\r\n", "é%", "*",  "{b}"};
  user.broker().subscribe({"ws:room:{", "ws:room:%7B"});
  for (const auto& room : rooms)
    EXPECT_EQ(user.append(room, R"({"x":1})").position.offset, 1u) << room;
  for (const auto& room : rooms) EXPECT_THAT(offsets(user.read(room, 0)), ElementsAre(1)) << room;
}

TEST_P(HistoryContractTest, APageMayBeLong) {
  auto& user = start();
  std::vector<std::string> expected;
  for (int i = 1; i <= 1'000; ++i) {
    const auto envelope = "{\"n\":" + std::to_string(i) + "}";
    expected.push_back(std::to_string(i) + ' ' + envelope);
    user.history().append({.room = "a", .envelope = envelope}, {});
  }
  const auto page = user.read("a", 0);
  EXPECT_EQ(page.last, 1'000u);
  EXPECT_THAT(texts(page), ElementsAreArray(expected));
  expected.erase(expected.begin(), expected.begin() + 500);
  EXPECT_THAT(texts(user.read("a", 500)), ElementsAreArray(expected));
}

TEST_P(HistoryContractTest, MessagesMayBeLong) {
  auto& user = start();
  user.broker().subscribe({"ws:room:a"});
  std::vector<std::string> expected;
  for (int i = 0; i < 10; ++i) {
    std::string envelope = "{\"x\":\"";
    envelope.append(1024 * 1024 - 8, static_cast<char>('a' + i)).append("\"}");
    expected.push_back(envelope);
    EXPECT_EQ(user.append("a", envelope).backplane, Backplane::ok);
  }
  std::vector<std::string> read;
  HistoryPage page;
  while (read.size() < 10) {  // 2 MiB at a time.
    page = user.read("a", read.size());
    ASSERT_EQ(page.last, 10u);
    ASSERT_FALSE(page.entries.empty());
    EXPECT_LE(page.entries.size(), 3u);
    for (const auto& entry : page.entries) {
      ASSERT_EQ(entry.offset, read.size() + 1);
      read.push_back(entry.envelope);
    }
  }
  for (std::size_t i = 0; i < 10; ++i) EXPECT_TRUE(read[i] == expected[i]) << i;
  EXPECT_TRUE(world_.run_until([&] { return user.broker().envelopes.size() >= 10; }));
  const auto& got = user.broker().envelopes.back();
  EXPECT_EQ(got.substr(1024 * 1024 - 2), "\",\"offset\":10,\"epoch\":\"" + page.epoch + "\"}");
}

TEST_P(HistoryContractTest, OneOrderForAllThatAppend) {
  auto& one = start();
  if (!one.broker().broker().reaches_others()) return;
  auto& two = start();
  auto& reader = start();
  reader.broker().subscribe({"ws:room:a"});
  std::size_t done = 0;
  for (int i = 0; i < 200; ++i) {
    auto& user = i % 2 == 0 ? one : two;
    user.history().append({.room = "a", .envelope = "{\"n\":" + std::to_string(i) + "}"},
                          [&](const HistoryAppended& it) {
                            EXPECT_EQ(it.backplane, Backplane::ok);
                            ++done;
                          });
  }
  EXPECT_TRUE(
      world_.run_until([&] { return done == 200 && reader.broker().envelopes.size() == 200; }));
  const auto page = reader.read("a", 0);
  ASSERT_EQ(page.entries.size(), 200u);
  std::vector<std::string> expected;
  std::vector<int> last = {-2, -1};
  for (const auto& entry : page.entries) {
    const auto& text = entry.envelope;
    expected.push_back(text.substr(0, text.size() - 1) + ",\"offset\":" +
                       std::to_string(entry.offset) + ",\"epoch\":\"" + page.epoch + "\"}");
    const int n = std::stoi(text.substr(5));
    EXPECT_EQ(n, last.at(static_cast<std::size_t>(n % 2)) + 2) << "of one in its order";
    last.at(static_cast<std::size_t>(n % 2)) = n;
  }
  EXPECT_THAT(reader.broker().envelopes, ElementsAreArray(expected));
}

INSTANTIATE_TEST_SUITE_P(
    Brokers, HistoryContractTest,
    testing::Values(Kind{"memory", [] { return std::unique_ptr<Medium>(new MemoryMedium); }},
                    Kind{"redis", [] { return std::unique_ptr<Medium>(new RedisMedium); }},
                    Kind{"cluster", [] { return std::unique_ptr<Medium>(new ClusterMedium); }}),
    [](const auto& instance) { return std::string(instance.param.name); });

}  // namespace
}  // namespace wscast::test
