// HistoryFeed without memory: each of its allocations fails in turn.

#include <cstdint>
#include <new>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "protocol/envelope.h"
#include "support/allocation_faults.h"
#include "support/fake_shards.h"
#include "unit/server/history_feed_fakes.h"

namespace wscast::server {
namespace {

/// A feed with all that happens to it.
class FeedWithoutMemory {
 public:
  FeedWithoutMemory() {
    feed_.start(&history_);
    feed_.follow(kRoom);
    answer_all();
  }

  /// Messages, a hole, clients that ask, and another epoch.
  void live() {
    arrive();
    ask({1, "a"});
    answer_all();
    history_.publish();
    arrive();
    answer_all();
    arrive();
    ask({2, "a"});
    ask({1, "a"});
    answer_all();
    history_.publish();
    unharmed([this] { pass(); });  // Timers need memory of their own.
    history_.begin_epoch("b");
    arrive();
    answer_all();
    arrive();
    ask({1, "b"});
    answer_all();
  }

  /// With memory again: each message up to the last was delivered once, in order, or was told to be
  /// lost, and whoever asked was answered once.
  void expect_complete() {
    for (int i = 0; i < 3; ++i) pass();
    arrive();
    pass();
    for (const std::string& said : output_.said) follow(said);
    EXPECT_EQ(reached_, 3u);
    EXPECT_EQ(answers_, asked_);
    EXPECT_TRUE(history_.pending.empty());
  }

 private:
  /// What the broker does with what is thrown: its connection begins anew, which is a gap.
  template <class Act>
  bool attempt(Act act) {
    try {
      act();
      return true;
    } catch (const std::bad_alloc&) {
      return false;
    }
  }

  void follow(const std::string& said) {
    if (said.starts_with("answer")) {
      ++answers_;
    } else if (said == "gap ?-? epoch at 0b") {
      EXPECT_EQ(std::exchange(epoch_, "b"), "a");
      reached_ = 0;
    } else if (said.starts_with("gap ")) {
      const std::string next = std::to_string(reached_ + 1);
      EXPECT_EQ(said, "gap " + next + '-' + next + " window at " + next + epoch_);
      ++reached_;
    } else {
      EXPECT_EQ(said, std::to_string(++reached_) + epoch_);
    }
  }

  void arrive() {
    Position position;
    std::string text;
    protocol::ParsedBackplaneMessage parsed;
    unharmed([&] {
      position = history_.publish();
      text = envelope(position.offset);
      parsed = protocol::parse_backplane_message(text, "me", 10);
      parsed.message.position = position;
    });
    if (!attempt([&] { feed_.on_message(parsed.message); })) feed_.on_gap();
  }

  void ask(Position seen) {
    session::HistoryRequest request;
    unharmed([&] { request = {.number = 1, .rooms = {{kRoom, std::move(seen)}}}; });
    if (attempt([&] { feed_.request(0, client_, std::move(request)); })) ++asked_;
  }

  void answer_all() {
    while (!history_.pending.empty()) EXPECT_TRUE(attempt([&] { history_.answer_next(); }));
  }

  /// Five seconds.
  void pass() {
    for (int i = 0; i < 10; ++i) {
      clock_.pass(HistoryFeed::kTick);
      EXPECT_TRUE(attempt([&] { executor_.run_timers(); }));
      answer_all();
    }
  }

  session::FakeClock clock_;
  FakeExecutor executor_{clock_};
  session::HistoryRules rules_{{HistoryRule{.match = kRoom}}};
  FakeHistory history_;
  FakeOutput output_;
  HistoryFeed feed_{executor_, rules_, {.max_waiting_bytes = 1'000'000}, output_};
  const ClientId client_ = ClientId::generate(system_random());
  std::size_t asked_ = 0;
  std::size_t answers_ = 0;

  // As a member sees it.
  std::string epoch_ = "a";
  std::uint64_t reached_ = 0;
};

TEST(HistoryFeedMemoryTest, NoMessageIsMissedAndNobodyWaitsForEver) {
  test::AllocationFaults::watch_this_thread();
  int number = 0;
  bool struck = true;
  while (struck && !testing::Test::HasFailure()) {
    SCOPED_TRACE("allocation " + std::to_string(++number) + " fails");
    FeedWithoutMemory feed;
    test::AllocationFaults::arm(static_cast<std::uint64_t>(number));
    feed.live();
    struck = test::AllocationFaults::disarm();
    feed.expect_complete();
  }
  test::AllocationFaults::watch_this_thread(false);
  EXPECT_GT(number, 50);
}

}  // namespace
}  // namespace wscast::server
