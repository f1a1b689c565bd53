// protocol.md T5, T6, T12, O9 and M14's stop of reading: clients and shards that cannot keep up.

#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class PressureTest : public testing::Test {
 protected:
  World world_;
  Client& client_ = world_.enter();
};

struct Result {
  std::string name;
  int result;
  std::size_t accepted;
  bool full;

  friend void PrintTo(const Result& row, std::ostream* out) { *out << row.name; }
};

class ResultOfASend : public testing::TestWithParam<Result> {};

TEST_P(ResultOfASend, IsReturned) {
  World world;
  Client& client = world.enter();
  if (GetParam().result <= 0) client.session.outbound().on_backpressure();
  client.transport.result = GetParam().result;
  EXPECT_EQ(client.send("x"), GetParam().result);
  EXPECT_EQ(world.broadcast("x").accepted, GetParam().accepted);
  EXPECT_EQ(client.session.full, GetParam().full);
  EXPECT_EQ(world.delegate.slow_consumers, 0) << "closing is off";
}

INSTANTIATE_TEST_SUITE_P(Each, ResultOfASend,
                         testing::Values(Result{"T12_Accepted", 5, 1, false},
                                         Result{"T12_AcceptedBehindBytesThatWait", -1, 1, false},
                                         Result{"T12_T5_Dropped", 0, 0, true}),
                         [](const auto& row) { return row.param.name; });

TEST_F(PressureTest, T12AClientIsBackpressuredUntilItsQueueIsEmpty) {
  client_.session.outbound().on_backpressure();
  EXPECT_TRUE(client_.session.backpressured);
  client_.session.outbound().on_drain();
  EXPECT_FALSE(client_.session.backpressured);
}

TEST_F(PressureTest, T5ADrainMakesPlace) {
  client_.transport.result = 0;
  client_.send("x");
  client_.transport.result = 1;
  client_.session.outbound().on_drain();
  EXPECT_FALSE(client_.session.full);
  EXPECT_EQ(client_.send("x"), 1);
}

TEST_F(PressureTest, O9T6ADropIsReportedIfClosingIsEnabled) {
  world_.transport_options.close_on_backpressure_limit = true;
  client_.transport.result = 0;
  client_.send("x");
  EXPECT_EQ(world_.delegate.slow_consumers, 1);
  EXPECT_FALSE(client_.session.ended()) << "not inside the fan-out";
  client_.session.end(kSlowConsumer);
  EXPECT_EQ(client_.take_sent(), Texts{"close 4008 Slow consumer"});
}

TEST_F(PressureTest, O9AnyKindOfDeliveryReportsIt) {
  world_.transport_options.close_on_backpressure_limit = true;
  client_.transport.result = 0;
  world_.broadcast("x");
  world_.to_room("ws-default", "x");
  world_.to_user("alice", "x");
  client_.receive("no json");
  client_.session.send_raw(ws::make_frame(ws::Opcode::text, "x"));
  EXPECT_EQ(world_.delegate.slow_consumers, 5);
}

TEST_F(PressureTest, O9AClientThatIsClosingIsNotSlow) {
  world_.transport_options.close_on_backpressure_limit = true;
  client_.transport.state = ReadyState::closing;
  EXPECT_EQ(client_.send("x"), 0);
  EXPECT_EQ(world_.delegate.slow_consumers, 0);
  EXPECT_FALSE(client_.session.full);
}

TEST_F(PressureTest, O9AnErrorThatDoesNotFitDoesNotKeepTheEndFromComing) {
  Client& authenticating = world_.client_in(Stage::authenticating);
  authenticating.transport.result = 0;
  authenticating.session.on_authenticate_result(Refused{});
  EXPECT_EQ(authenticating.take_sent(), Texts{"close 4003 Authentication failed"});
}

TEST_F(PressureTest, RawSendsPassTheProtocol) {
  EXPECT_EQ(client_.session.send_raw(ws::make_frame(ws::Opcode::binary, "\x01\x02")), 1);
  EXPECT_EQ(client_.take_sent(), Texts{"\x01\x02"});
}

TEST_F(PressureTest, AHeldClientIsNotReadUntilItIsReleased) {
  client_.session.hold();
  EXPECT_FALSE(client_.transport.reading);
  client_.session.release();
  EXPECT_TRUE(client_.transport.reading);
}

TEST_F(PressureTest, M14AHeldClientIsNotSilent) {
  client_.session.hold();
  world_.clock.pass(seconds(1'000));
  client_.session.check_heartbeat();
  EXPECT_FALSE(client_.session.ended());
  client_.session.release();
  world_.clock.pass(seconds(90));
  client_.session.check_heartbeat();
  EXPECT_FALSE(client_.session.ended());
  world_.clock.pass(milliseconds(1));
  client_.session.check_heartbeat();
  EXPECT_TRUE(client_.session.ended());
}

TEST_F(PressureTest, M14AClientIsReadOnlyWhenNothingHoldsItBack) {
  client_.receive(R"({"event":"e"})");
  for (int i = 0; i < 16; ++i) client_.receive(R"({"event":"e"})");
  client_.session.hold();
  client_.session.release();
  EXPECT_FALSE(client_.transport.reading) << "messages wait";
  client_.session.hold();
  world_.complete_all();
  EXPECT_FALSE(client_.transport.reading) << "it is held";
  client_.session.release();
  EXPECT_TRUE(client_.transport.reading);
}

TEST_F(PressureTest, M14HowManyMessagesWaitIsAnOption) {
  world_.options.max_waiting_messages = 2;
  for (int i = 0; i < 2; ++i) client_.receive(R"({"event":"e"})");
  EXPECT_TRUE(client_.transport.reading);
  client_.receive(R"({"event":"e"})");
  EXPECT_FALSE(client_.transport.reading);
}

TEST_F(PressureTest, M14WhatComesAfterReadingStoppedIsKeptToo) {
  for (int i = 0; i < 20; ++i) client_.receive(R"({"event":"e"})");
  world_.complete_all();
  EXPECT_EQ(world_.take_requests().size(), 20u);
}

TEST_F(PressureTest, T5WhatWaitsIsBoundedInBytesToo) {
  world_.transport_options.backpressure_limit = 1'000;
  const std::string text = R"({"event":")" + std::string(900, 'e') + R"("})";
  client_.receive(text);
  client_.receive(text);
  EXPECT_TRUE(client_.transport.reading);
  client_.receive(text);
  EXPECT_FALSE(client_.transport.reading);
  world_.complete_all();
  EXPECT_TRUE(client_.transport.reading);
  EXPECT_EQ(world_.take_requests().size(), 3u);
}

TEST_F(PressureTest, T5O11AConnectionThatCannotPauseLosesWhatIsOverAndGetsAnError) {
  world_.transport_options.backpressure_limit = 1'000;
  world_.options.max_waiting_messages = 10'000;
  for (int i = 0; i < 1'000; ++i) client_.receive(R"({"event":"e"})");
  client_.receive(R"({"event":"e","id":1})");
  EXPECT_GT(world_.counted().at("rate_limited"), 985u) << "a message takes more than its bytes";
  EXPECT_EQ(client_.take_sent(),
            (Texts{error_text("Rate limit exceeded"),
                   R"({"event":"error","data":{"message":"Rate limit exceeded"},"id":1})"}));
  world_.complete_all();
  EXPECT_GT(world_.take_requests().size(), 5u);
  client_.receive(R"({"event":"e"})");
  EXPECT_EQ(world_.take_requests(), Texts{"message e -"}) << "there is place again";
}

TEST_F(PressureTest, T5TinyMessagesToAClientThatIsToBeEncryptedAreFew) {
  world_.transport_options.backpressure_limit = 10'000;
  client_.session.outbound().enable_encryption();
  client_.session.outbound().on_backpressure();
  int accepted = 0;
  for (int i = 0; i < 10'000; ++i) accepted += client_.send("x") != 0 ? 1 : 0;
  EXPECT_LE(accepted, 100) << "each takes 100 bytes at least";
  EXPECT_GT(accepted, 50);
}

TEST_F(PressureTest, AnEndedClientIsNotHeld) {
  client_.session.end(kShutdown);
  client_.session.hold();
  EXPECT_TRUE(client_.transport.reading);
}

}  // namespace
}  // namespace wscast::session
