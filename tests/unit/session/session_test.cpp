#include "session/session.h"

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_fakes.h"

namespace wscast::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class SessionTest : public testing::Test {
 protected:
  SessionTest() { session_.emplace(context_, ClientId::generate(system_random()), transport_); }

  void receive(std::string_view text) { session_->on_message(false, text); }

  void authenticate(const std::string& user = "alice") {
    receive(R"({"event":"authenticate","data":{"token":"t"}})");
    session_->on_authenticate_result(Identity{user});
    transport_.sent.clear();
    delegate_.requested.clear();
  }

  bool in_room(std::string_view room) const { return hub_.in_room(*session_, room); }

  std::uint64_t count(Counter counter) const {
    Stats stats;
    counters_.add_to(stats);
    return stats[counter];
  }

  static std::string error(std::string_view message) {
    return R"({"event":"error","data":{"message":")" + std::string(message) + R"("}})";
  }

  using Texts = std::vector<std::string>;

  SessionOptions options_;
  TransportOptions transport_options_;
  FakeClock clock_;
  FakeTransport transport_;
  FakeDelegate delegate_;
  NullObserver observer_;
  hub::Hub hub_{observer_};
  Counters counters_;
  Context context_{options_, transport_options_, hub_, delegate_, counters_, clock_};
  std::optional<Session> session_;
};

TEST_F(SessionTest, M1WhatIsNoJsonGetsAnErrorAndTheClientStays) {
  receive("nonsense");
  EXPECT_EQ(transport_.sent, Texts{error("Invalid message format")});
  EXPECT_EQ(count(Counter::invalid_messages), 1u);
}

TEST_F(SessionTest, M2JsonWithoutAUsableEventIsDroppedAndCounted) {
  for (const char* text : {"null", "[]", "7", "{}", R"({"event":7})", R"({"event":""})"}) {
    receive(text);
  }
  EXPECT_EQ(transport_.sent, Texts{});
  EXPECT_EQ(count(Counter::malformed_envelopes), 6u);
}

TEST_F(SessionTest, M3AHeartbeatIsConsumed) {
  receive(R"({"event":"heartbeat"})");
  EXPECT_EQ(transport_.sent, Texts{});
}

TEST_F(SessionTest, M4AuthenticateRequestsTheHookWithItsData) {
  receive(R"({"event":"authenticate","data":{"a":[1]}})");
  EXPECT_EQ(delegate_.requested, Texts{R"(auth {"a":[1]})"});
  EXPECT_EQ(session_->state, ClientState::authenticating);
}

TEST_F(SessionTest, M4AbsentAndNullDataAreAnEmptyObject) {
  receive(R"({"event":"authenticate","data":null})");
  EXPECT_EQ(delegate_.requested, Texts{"auth {}"});
}

TEST_F(SessionTest, M5ASecondAuthenticateIsRefused) {
  receive(R"({"event":"authenticate"})");
  receive(R"({"event":"authenticate"})");
  EXPECT_EQ(transport_.sent, Texts{error("Already authenticated")});
  EXPECT_EQ(count(Counter::already_authenticated), 1u);
}

TEST_F(SessionTest, M6OtherEventsNeedAuthentication) {
  receive(R"({"event":"join","data":{"rooms":["a"]}})");
  EXPECT_EQ(transport_.sent, Texts{error("Not authenticated")});
  EXPECT_EQ(count(Counter::not_authenticated), 1u);
}

// shows: T11
TEST_F(SessionTest, M17TheClientGetsConnectedAndIsInItsRooms) {
  receive(R"({"event":"authenticate","data":{"token":"t"}})");
  session_->on_authenticate_result(Identity{"alice"});
  const std::string id = session_->id.text();
  EXPECT_EQ(transport_.sent, Texts{R"({"event":"connected","data":{"id":")" + id +
                                   R"(","userId":"alice","time":"2026-01-31T12:00:00.000Z"}})"});
  for (const std::string& room : {std::string("ws-default"), std::string("ws-notification"), id}) {
    EXPECT_TRUE(in_room(room)) << room;
  }
}

TEST_F(SessionTest, O4ARefusedClientGetsAnErrorAndIsClosed) {
  receive(R"({"event":"authenticate"})");
  session_->on_authenticate_result(Refused{});
  EXPECT_EQ(transport_.sent,
            (Texts{error("Authentication failed"), "close 4003 Authentication failed"}));
  EXPECT_EQ(delegate_.disconnections, 1);
}

TEST_F(SessionTest, O5AHookThatThrowsClosesTheClient) {
  receive(R"({"event":"authenticate"})");
  session_->on_authenticate_result(Threw{});
  EXPECT_EQ(transport_.sent,
            (Texts{error("Authentication error"), "close 4003 Authentication failed"}));
}

TEST_F(SessionTest, M16AUserIdThatIsNoUtf8CountsAsThrowing) {
  receive(R"({"event":"authenticate"})");
  session_->on_authenticate_result(Identity{"\xff"});
  EXPECT_EQ(count(Counter::closed_authentication_error), 1u);
}

TEST_F(SessionTest, O1TheTimeToAuthenticateRunsFromTheOpen) {
  EXPECT_EQ(transport_.deadline, clock_.now() + seconds(5));
  session_->on_deadline();
  EXPECT_EQ(transport_.sent, Texts{"close 4001 Authentication timeout"});
}

TEST_F(SessionTest, O2AnOpenHookHasThreeTimesAsLong) {
  clock_.pass(seconds(4));
  receive(R"({"event":"authenticate"})");
  EXPECT_EQ(transport_.deadline, clock_.now() + seconds(15));
  session_->on_deadline();
  EXPECT_EQ(transport_.sent, Texts{"close 4001 Authentication timeout"});
}

TEST_F(SessionTest, O3SilenceStrictlyLongerThanTheTimeoutEndsTheClient) {
  authenticate();
  clock_.pass(seconds(90));
  session_->check_heartbeat();
  EXPECT_EQ(transport_.sent, Texts{});
  clock_.pass(milliseconds(1));
  session_->check_heartbeat();
  EXPECT_EQ(transport_.sent, Texts{"close 4002 Heartbeat timeout"});
}

TEST_F(SessionTest, M13AnyMessageIsASignOfLife) {
  authenticate();
  clock_.pass(seconds(60));
  receive("nonsense");
  transport_.sent.clear();
  clock_.pass(seconds(60));
  session_->check_heartbeat();
  EXPECT_EQ(transport_.sent, Texts{});
}

TEST_F(SessionTest, M7TheRoomsThatTheHookReturnsAreJoinedRequestedOrNot) {
  authenticate();
  receive(R"({"event":"join","data":{"rooms":["a","ws:x","",7,"b"]}})");
  EXPECT_EQ(delegate_.requested, Texts{"rooms a b"});
  session_->on_rooms_result(Texts{"b", "other", "ws:bad"});
  EXPECT_FALSE(in_room("a"));
  EXPECT_TRUE(in_room("b"));
  EXPECT_TRUE(in_room("other"));
  EXPECT_FALSE(in_room("ws:bad"));
  EXPECT_EQ(count(Counter::rooms_dropped), 4u);
  EXPECT_EQ(transport_.sent, Texts{});
}

TEST_F(SessionTest, M7WithoutAHookJoiningIsRefused) {
  delegate_.has_hooks = false;
  authenticate();
  receive(R"({"event":"join","data":{"rooms":["a"]}})");
  EXPECT_FALSE(in_room("a"));
  EXPECT_EQ(count(Counter::joins_refused), 1u);
}

TEST_F(SessionTest, D14TheRoomOfAnotherClientIsNotJoinedWhateverTheHookSays) {
  authenticate();
  const std::string other = ClientId::generate(system_random()).text();
  receive(R"({"event":"join","data":{"rooms":["a"]}})");
  session_->on_rooms_result(Texts{other});
  EXPECT_FALSE(in_room(other));
}

TEST_F(SessionTest, M8LeavingIsImmediateAlsoTheDefaultRooms) {
  authenticate();
  const std::string own = session_->id.text();
  receive(R"({"event":"leave","data":{"rooms":["ws-default","unknown",")" + own + R"("]}})");
  EXPECT_FALSE(in_room("ws-default"));
  EXPECT_FALSE(in_room(own));
  EXPECT_TRUE(in_room("ws-notification"));
}

TEST_F(SessionTest, M8M14ALeaveBehindAJoinWaitsForIt) {
  authenticate();
  receive(R"({"event":"join","data":{"rooms":["a"]}})");
  receive(R"({"event":"leave","data":{"rooms":["a"]}})");
  session_->on_rooms_result(Texts{"a"});
  EXPECT_FALSE(in_room("a"));
}

TEST_F(SessionTest, M9OtherEventsGoToTheHandler) {
  authenticate();
  receive(R"({"event":"move","data":{"x": 1e999}})");
  EXPECT_EQ(delegate_.requested, Texts{R"(message move {"x": 1e999})"});
}

TEST_F(SessionTest, M9WithoutAHandlerTheyAreDropped) {
  delegate_.has_hooks = false;
  authenticate();
  receive(R"({"event":"move"})");
  EXPECT_EQ(count(Counter::unhandled_events), 1u);
}

TEST_F(SessionTest, M14WhileAHookRunsMessagesWaitInOrderAndThenReadingStops) {
  authenticate();
  receive(R"({"event":"first"})");
  for (int i = 0; i < 16; ++i) {
    EXPECT_TRUE(transport_.reading);
    receive(R"({"event":"n","data":)" + std::to_string(i) + "}");
  }
  EXPECT_FALSE(transport_.reading);
  EXPECT_EQ(delegate_.requested.size(), 1u);
  for (int i = 0; i < 16; ++i) {
    session_->on_hook_done();
    EXPECT_EQ(delegate_.requested.back(), "message n " + std::to_string(i));
  }
  session_->on_hook_done();
  EXPECT_TRUE(transport_.reading);
}

TEST_F(SessionTest, M14WhileReadingIsStoppedTheHeartbeatStandsStill) {
  authenticate();
  receive(R"({"event":"first"})");
  for (int i = 0; i < 16; ++i) receive(R"({"event":"n"})");
  clock_.pass(seconds(1000));
  session_->check_heartbeat();
  EXPECT_EQ(transport_.sent, Texts{});
}

TEST_F(SessionTest, M14MessagesWaitForTheConnectedHookToo) {
  delegate_.has_connected_hook = true;
  authenticate();
  receive(R"({"event":"early"})");
  EXPECT_EQ(delegate_.requested, Texts{});
  session_->on_hook_done();
  EXPECT_EQ(delegate_.requested, Texts{"message early -"});
}

TEST_F(SessionTest, M12BinaryIsReadAsText) {
  session_->on_message(true, R"({"event":"heartbeat"})");
  EXPECT_EQ(transport_.sent, Texts{});
  session_->on_message(true, "\"\xff\"");
  EXPECT_EQ(transport_.sent, Texts{error("Invalid message format")});
}

TEST_F(SessionTest, O10TooMuchBeforeAuthenticationEndsTheClient) {
  for (int i = 0; i < 64; ++i) receive("{}");
  EXPECT_EQ(transport_.sent, Texts{});
  receive("{}");
  EXPECT_EQ(transport_.sent, Texts{"close 4010 Too many messages before authentication"});
}

TEST_F(SessionTest, O10TooManyBytesBeforeAuthenticationToo) {
  receive(R"({"event":"x","data":")" + std::string(64 * 1024, 'x') + R"("})");
  EXPECT_EQ(count(Counter::closed_pre_auth_flood), 1u);
}

TEST_F(SessionTest, O13OverTheRoomsLimitTheRestIsNotJoined) {
  options_.max_rooms_per_client = 4;
  authenticate();
  receive(R"({"event":"join","data":{"rooms":["a","b"]}})");
  session_->on_rooms_result(Texts{"a", "b"});
  EXPECT_TRUE(in_room("a"));
  EXPECT_FALSE(in_room("b"));
  EXPECT_EQ(transport_.sent, Texts{error("Too many rooms")});
}

TEST_F(SessionTest, O15AResultForAClientThatHasGoneIsDiscarded) {
  receive(R"({"event":"authenticate"})");
  session_->on_close();
  session_->on_authenticate_result(Identity{"alice"});
  session_->on_rooms_result(Texts{"a"});
  EXPECT_EQ(transport_.sent, Texts{});
  EXPECT_TRUE(session_->ended());
}

TEST_F(SessionTest, O16O17AnEndedSessionIsOutOfTheHubAndEndsOnce) {
  authenticate();
  session_->end(kShutdown);
  EXPECT_EQ(hub_.clients(), 0u);
  EXPECT_EQ(hub_.authenticated(), 0u);
  session_->end(kShutdown);
  session_->on_close();
  receive("late");
  EXPECT_EQ(transport_.sent, Texts{"close 1001 Server shutting down"});
  EXPECT_EQ(delegate_.disconnections, 1);
}

TEST_F(SessionTest, D1D14ByItsIdAClientIsReachedInAnyStateInARoomOnlyOnceConnected) {
  const auto frame = ws::make_frame(ws::Opcode::text, "hello");
  hub_.join(*session_, "early");
  EXPECT_EQ(session_->deliver(frame, hub::Address::client), 1);
  EXPECT_EQ(hub_.to_room("early", frame, {}).dropped, 1u);
  EXPECT_EQ(count(Counter::dropped_before_connected), 1u);
  EXPECT_EQ(transport_.sent, Texts{"hello"});
}

}  // namespace
}  // namespace wscast::session
