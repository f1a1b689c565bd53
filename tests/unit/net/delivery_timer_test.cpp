#include "net/delivery_timer.h"

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_fakes.h"
#include "ws/frame_joiner.h"

namespace wscast::net {
namespace {

using std::chrono::milliseconds;

/// Keeps when it was written, and to whom.
struct KeptTrace final : MessageTrace {
  void on_delivered(std::size_t, std::size_t) noexcept override {}
  void on_written(const std::optional<ClientId>& client, SteadyTime when) noexcept override {
    clients.push_back(client);
    times.push_back(when);
  }
  void on_dropped(const std::optional<ClientId>&, std::string_view) noexcept override {}

  std::vector<std::optional<ClientId>> clients;
  std::vector<SteadyTime> times;
};

class DeliveryTimerTest : public testing::Test {
 protected:
  static ws::FrameRef frame(SteadyTime taken, std::shared_ptr<MessageTrace> trace = {}) {
    ws::FrameRef frame = ws::make_frame(ws::Opcode::text, "x");
    frame.set_origin({taken, std::move(trace)});
    return frame;
  }

  Distribution all() const {
    Distribution all;
    timer_.add_to(all);
    return all;
  }

  session::FakeClock clock_;
  DeliveryTimer timer_{clock_};
};

TEST_F(DeliveryTimerTest, EachMessageOfAJoinedFrameIsADelivery) {
  ws::FrameJoiner joiner;
  for (int i = 0; i < 3; ++i) joiner.add(ws::Opcode::text, 0);
  timer_.note_written(ws::FrameRef::of(joiner.take(), {.taken = clock_.now()}));
  clock_.pass(milliseconds(1));
  timer_.settle(clock_.now());
  EXPECT_EQ(all().count(), 3u);
}

TEST_F(DeliveryTimerTest, AFrameLastsUntilTheClockIsReadAfterItWasWritten) {
  const SteadyTime taken = clock_.now();
  clock_.pass(milliseconds(3));
  for (int receiver = 0; receiver < 1'000; ++receiver) timer_.note_written(frame(taken));
  EXPECT_TRUE(timer_.pending());
  EXPECT_EQ(all().count(), 0u);
  clock_.pass(milliseconds(1));
  timer_.settle(clock_.now());
  EXPECT_FALSE(timer_.pending());
  EXPECT_EQ(all().count(), 1'000u);
  EXPECT_EQ(all().sum, 4'000'000'000u) << "1,000 times 4 ms";
}

TEST_F(DeliveryTimerTest, WhatIsNotMeasuredIsNotCounted) {
  timer_.note_written(frame(SteadyTime{}));
  EXPECT_FALSE(timer_.pending());
}

TEST_F(DeliveryTimerTest, EachMessageLastsFromWhenItWasTaken) {
  const SteadyTime first = clock_.now();
  clock_.pass(milliseconds(2));
  timer_.note_written(frame(first));
  timer_.note_written(frame(clock_.now()));
  clock_.pass(milliseconds(1));
  timer_.settle();
  EXPECT_EQ(all().count(), 2u);
  EXPECT_EQ(all().sum, 4'000'000u) << "3 ms and 1 ms";
}

TEST_F(DeliveryTimerTest, NoneIsLostHoweverManyMessagesWait) {
  for (int message = 1; message <= 1'000; ++message) {
    timer_.note_written(frame(clock_.now()));
    clock_.pass(milliseconds(1));
  }
  timer_.settle(clock_.now());
  EXPECT_EQ(all().count(), 1'000u);
}

TEST_F(DeliveryTimerTest, ATraceLearnsWhoHasTheFrameAndTheTimeThatIsMeasured) {
  const auto trace = std::make_shared<KeptTrace>();
  const SteadyTime taken = clock_.now();
  const ClientId client = ClientId::generate(system_random());
  timer_.note_written(frame(taken, trace));
  EXPECT_TRUE(timer_.unnamed());
  timer_.name(client);
  EXPECT_FALSE(timer_.unnamed());
  timer_.note_written(frame(taken));
  timer_.note_written(frame(SteadyTime{}, trace));
  EXPECT_TRUE(timer_.unnamed());
  timer_.name(std::nullopt);
  clock_.pass(milliseconds(2));
  timer_.settle(clock_.now());
  EXPECT_FALSE(timer_.pending());
  EXPECT_EQ(trace->clients, (std::vector<std::optional<ClientId>>{client, std::nullopt}));
  EXPECT_EQ(trace->times, (std::vector{clock_.now(), clock_.now()}));
  EXPECT_EQ(all().count(), 2u);
  EXPECT_EQ(all().sum, 4'000'000u);
}

TEST_F(DeliveryTimerTest, ATraceIsNotSettledBeforeItsClientIsNamed) {
  const auto trace = std::make_shared<KeptTrace>();
  timer_.note_written(frame(clock_.now(), trace));
  for (int message = 0; message < 1'000; ++message) {
    clock_.pass(milliseconds(1));
    timer_.note_written(frame(clock_.now()));  // More than it keeps: these are counted meanwhile.
  }
  EXPECT_TRUE(trace->times.empty());
}

}  // namespace
}  // namespace wscast::net
