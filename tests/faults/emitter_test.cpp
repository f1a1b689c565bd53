// An emitter at a real Redis: each allocation of its thread, and of who calls it, fails in turn.
// Each message that was accepted has one result, which is true; the emitter works again, and ends.

#include "wscast/emitter.h"

#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdint>
#include <new>
#include <string>
#include <thread>

#include <gtest/gtest.h>

#include "broker/redis/history/room_keys.h"
#include "faults/backend.h"
#include "faults/stride.h"
#include "support/allocation_faults.h"

namespace wscast::faults {
namespace {

using test::AllocationFaults;

constexpr std::chrono::seconds kPatience{10};
constexpr std::chrono::milliseconds kRetryPause{1};

const std::string kRoom = "a room with a rather long name";

EmitterOptions options_for(const Backend& backend) {
  EmitterOptions options;
  options.redis = backend.quick_options();
  return options;
}

/// What became of the messages of one kind. Any thread.
struct Results {
  std::atomic<std::uint64_t> sent{0};
  std::atomic<std::uint64_t> not_sent{0};
  std::atomic<std::uint64_t> unknown{0};

  void add(const EmitResult& result) {
    if (!result.error) {
      ++sent;
    } else if (result.error == Errc::broker_silent) {
      ++unknown;
    } else {
      EXPECT_EQ(result.error, Errc::broker_down);
      ++not_sent;
    }
  }
  std::uint64_t all() const { return sent + not_sent + unknown; }
};

/// An emitter whose messages are counted.
class EmitterAllocations : public testing::Test {
 protected:
  void SetUp() override { backend_.nodes.front()->call({"FLUSHALL"}); }

  /// The calling thread's allocations may be watched.
  void emit(Emitter& emitter) {
    live(emitter);
    into_history(emitter);
    into_history(emitter);
    live(emitter);
  }

  void live(Emitter& emitter) {
    count(live_accepted_, [&] {
      return emitter.to_room({.room = kRoom,
                              .event = "an event with a rather long name",
                              .data = Json::text("[1,2,3]"),
                              .on_result = [this](const auto& result) { live_.add(result); }});
    });
  }

  void into_history(Emitter& emitter) {
    count(history_accepted_, [&] {
      return emitter.to_room({.room = kRoom,
                              .event = "an event with a rather long name",
                              .on_result =
                                  [this](const auto& result) {
                                    EXPECT_EQ(result.position.has_value(), !result.error);
                                    history_.add(result);
                                  },
                              .history = HistoryLimits{.size = 100'000}});
    });
  }

  /// Watches the emitter's own thread.
  void watch(Emitter& emitter) {
    count(live_accepted_, [&] {
      return emitter.to_room({.room = kRoom, .event = "e", .on_result = [this](const auto& result) {
                                live_.add(result);
                                AllocationFaults::watch_this_thread();
                              }});
    });
    expect_reported(emitter);
  }

  void expect_reported(Emitter& emitter) {
    EXPECT_TRUE(emitter.flush(kPatience));
    EXPECT_EQ(live_.all(), live_accepted_);
    EXPECT_EQ(history_.all(), history_accepted_);
  }

  void expect_well(Emitter& emitter) {
    const auto live_before = live_.sent.load();
    const auto history_before = history_.sent.load();
    const auto give_up = std::chrono::steady_clock::now() + kPatience;
    while (std::chrono::steady_clock::now() < give_up) {
      live(emitter);
      into_history(emitter);
      expect_reported(emitter);
      if (live_.sent > live_before && history_.sent > history_before) return;
      std::this_thread::sleep_for(kRetryPause);  // There is no event for a connection that is back.
    }
    ADD_FAILURE() << "no message is sent any more";
  }

  /// What was not sent is not there.
  void expect_true() const {
    const auto key = redis::room_keys("", kRoom).stream;
    const std::string reply = backend_.nodes.front()->call({"XLEN", key});
    std::uint64_t kept = 0;
    std::from_chars(reply.data(), reply.data() + reply.size(), kept);
    EXPECT_GE(kept, history_.sent);
    EXPECT_LE(kept, history_.sent + history_.unknown);
  }

  const Backend& backend_ = plain_redis().running();
  Results live_;
  Results history_;
  std::uint64_t live_accepted_ = 0;
  std::uint64_t history_accepted_ = 0;

 private:
  /// A call that throws has done nothing.
  template <class Call>
  static void count(std::uint64_t& accepted, const Call& call) {
    try {
      const std::error_code error = call();
      EXPECT_EQ(error, std::error_code());
      if (!error) ++accepted;
    } catch (const std::bad_alloc&) {
    }
  }
};

TEST_F(EmitterAllocations, OfItsThreadInTurn) {
  const std::uint64_t stride = stride_of(1);
  std::uint64_t number = 1;
  for (bool struck = true; struck && !HasFailure(); number += stride) {
    SCOPED_TRACE("allocation " + std::to_string(number) + " fails");
    Emitter emitter(options_for(backend_));
    emitter.configure();
    watch(emitter);
    AllocationFaults::arm(number);
    emit(emitter);
    expect_reported(emitter);
    backend_.kill_clients();
    emit(emitter);
    expect_reported(emitter);
    struck = AllocationFaults::disarm();
    expect_well(emitter);
    expect_true();
  }
  EXPECT_GT(number, 50u);
}

TEST_F(EmitterAllocations, OfItsEndInTurn) {
  std::uint64_t number = 1;
  for (bool struck = true; struck && !HasFailure(); ++number) {
    SCOPED_TRACE("allocation " + std::to_string(number) + " fails");
    {
      Emitter emitter(options_for(backend_));
      emitter.configure();
      watch(emitter);
      emit(emitter);
      AllocationFaults::watch_this_thread();
      AllocationFaults::arm(number);
      emitter.shutdown();
    }
    struck = AllocationFaults::disarm();
    AllocationFaults::watch_this_thread(false);
    EXPECT_EQ(live_.all(), live_accepted_);
    EXPECT_EQ(history_.all(), history_accepted_);
    expect_true();
  }
  EXPECT_GT(number, 3u);
}

TEST_F(EmitterAllocations, OfWhoCallsItInTurn) {
  Emitter emitter(options_for(backend_));
  emitter.configure();
  const int failed = test::fail_each_allocation([&] { emit(emitter); });
  EXPECT_GT(failed, 10);
  expect_reported(emitter);
  expect_well(emitter);
  expect_true();
}

}  // namespace
}  // namespace wscast::faults
