// protocol.md section 1, the table of what a client sends: each row in each state of the client.

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Sent {
  std::string name;
  Stage stage;
  std::string text;
  Texts sent{};
  Texts requested{};
  Counts counted{};
  bool binary = false;

  friend void PrintTo(const Sent& sent, std::ostream* out) { *out << sent.name; }
};

class MessageOfAClient : public testing::TestWithParam<Sent> {};

TEST_P(MessageOfAClient, GetsTheReplyOfTheTable) {
  World world;
  Client& client = world.client_in(GetParam().stage);
  world.clock.pass(seconds(1));
  client.session.on_message(GetParam().binary, GetParam().text);
  EXPECT_EQ(client.take_sent(), GetParam().sent);
  EXPECT_EQ(world.take_requests(), GetParam().requested);
  EXPECT_EQ(world.counted(), GetParam().counted);
  EXPECT_FALSE(client.session.ended());
  EXPECT_EQ(client.session.last_activity.load(), world.clock.now()) << "M13";
}

const Texts kInvalid{error_text("Invalid message format")};
const Texts kAlready{error_text("Already authenticated")};
const Texts kNot{error_text("Not authenticated")};
const Texts kNotWithId{R"({"event":"error","data":{"message":"Not authenticated"},"id":"7"})"};
const Counts kInvalidCounted{{"invalid_messages", 1}};
const Counts kMalformed{{"malformed_envelopes", 1}};
const Counts kAlreadyCounted{{"already_authenticated", 1}};
const Counts kNotCounted{{"not_authenticated", 1}};

constexpr auto kStranger = Stage::unauthorized;
constexpr auto kAsking = Stage::authenticating;
constexpr auto kShaking = Stage::handshaking;
constexpr auto kKnown = Stage::authenticated;

constexpr const char* kHeartbeat = R"({"event":"heartbeat"})";
constexpr const char* kAuthenticate = R"({"event":"authenticate","data":{"token":"t"}})";
constexpr const char* kJoin = R"({"event":"join","data":{"rooms":["a"]}})";
constexpr const char* kLeave = R"({"event":"leave","data":{"rooms":["ws-default"]}})";
constexpr const char* kMove = R"({"event":"move","data":{"x":1},"id":"7"})";

// clang-format off
const std::vector<Sent> kTable = {
    {"M1_NoJsonOfAStranger", kStranger, "hello", kInvalid, {}, kInvalidCounted},
    {"M1_NoJsonWhileAuthenticating", kAsking, "hello", kInvalid, {}, kInvalidCounted},
    {"M1_NoJsonInTheHandshake", kShaking, "hello", kInvalid, {}, kInvalidCounted},
    {"M1_NoJsonOfTheAuthenticated", kKnown, "hello", kInvalid, {}, kInvalidCounted},
    {"M2_NoEventOfAStranger", kStranger, R"({"data":1})", {}, {}, kMalformed},
    {"M2_NoEventWhileAuthenticating", kAsking, R"({"data":1})", {}, {}, kMalformed},
    {"M2_NoEventInTheHandshake", kShaking, R"({"data":1})", {}, {}, kMalformed},
    {"M2_NoEventOfTheAuthenticated", kKnown, R"({"data":1})", {}, {}, kMalformed},
    {"M3_HeartbeatOfAStranger", kStranger, kHeartbeat},
    {"M3_HeartbeatWhileAuthenticating", kAsking, kHeartbeat},
    {"M3_HeartbeatInTheHandshake", kShaking, kHeartbeat},
    {"M3_HeartbeatOfTheAuthenticated", kKnown, kHeartbeat},
    {"M3_HeartbeatWithDataIsConsumedToo", kKnown, R"({"event":"heartbeat","data":[1],"id":"1"})"},
    {"M4_AuthenticateOfAStranger", kStranger, kAuthenticate, {}, {R"(auth {"token":"t"})"}},
    {"M5_AuthenticateWhileAuthenticating", kAsking, kAuthenticate, kAlready, {}, kAlreadyCounted},
    {"M5_AuthenticateInTheHandshake", kShaking, kAuthenticate, kAlready, {}, kAlreadyCounted},
    {"M5_AuthenticateOfTheAuthenticated", kKnown, kAuthenticate, kAlready, {}, kAlreadyCounted},
    {"M6_JoinOfAStranger", kStranger, kJoin, kNot, {}, kNotCounted},
    {"M6_JoinWhileAuthenticating", kAsking, kJoin, kNot, {}, kNotCounted},
    {"M6_JoinInTheHandshake", kShaking, kJoin, kNot, {}, kNotCounted},
    {"M6_LeaveOfAStranger", kStranger, kLeave, kNot, {}, kNotCounted},
    {"M6_LeaveWhileAuthenticating", kAsking, kLeave, kNot, {}, kNotCounted},
    {"M6_LeaveInTheHandshake", kShaking, kLeave, kNot, {}, kNotCounted},
    {"M6_X1_OtherEventOfAStranger", kStranger, kMove, kNotWithId, {}, kNotCounted},
    {"M6_X1_OtherEventWhileAuthenticating", kAsking, kMove, kNotWithId, {}, kNotCounted},
    {"M6_X1_OtherEventInTheHandshake", kShaking, kMove, kNotWithId, {}, kNotCounted},
    {"M6_ConnectedIsNoEventOfAStranger", kStranger, R"({"event":"connected"})", kNot, {},
     kNotCounted},
    {"M7_JoinOfTheAuthenticated", kKnown, kJoin, {}, {"rooms a"}},
    {"M8_LeaveOfTheAuthenticated", kKnown, kLeave},
    {"M9_OtherEventOfTheAuthenticated", kKnown, kMove, {}, {R"(message move {"x":1} "7")"}},
    {"M9_EventNamesAreCaseSensitive", kKnown, R"({"event":"Join"})", {}, {"message Join -"}},
    {"M9_EventsOfTheServerAreOrdinaryFromClients", kKnown,
     R"({"event":"error","data":{"message":"x"}})", {}, {R"(message error {"message":"x"})"}},
    {"M9_NullDataIsData", kKnown, R"({"event":"e","data":null})", {}, {"message e null"}},
    {"M9_DataIsTheTextThatWasSent", kKnown, R"({"event":"e","data":[ 1.0, -0 ,"\u0061"]})", {},
     {R"(message e [ 1.0, -0 ,"\u0061"])"}},
    {"M9_AnIdThatIsNoStringIsHandedOn", kKnown, R"({"event":"e","id":7})", {}, {"message e - 7"}},
    {"M9_EncryptedIsAnOrdinaryEventOfAPlainClient", kKnown, R"({"event":"encrypted","data":{}})",
     {}, {"message encrypted {}"}},
    {"M4_NoDataIsAnEmptyObject", kStranger, R"({"event":"authenticate"})", {}, {"auth {}"}},
    {"M4_NullIsAnEmptyObject", kStranger, R"({"event":"authenticate","data": null })", {},
     {"auth {}"}},
    {"M4_AStringStaysAsItIs", kStranger, R"({"event":"authenticate","data":"t"})", {},
     {R"(auth "t")"}},
    {"M4_ZeroStaysAsItIs", kStranger, R"({"event":"authenticate","data":0})", {}, {"auth 0"}},
    {"M4_FalseStaysAsItIs", kStranger, R"({"event":"authenticate","data":false})", {},
     {"auth false"}},
    {"M4_AnArrayStaysAsItIs", kStranger, R"({"event":"authenticate","data":[]})", {}, {"auth []"}},
    {"M4_AnEmptyStringStaysAsItIs", kStranger, R"({"event":"authenticate","data":""})", {},
     {R"(auth "")"}},
    {"M11_TheLastEventCounts", kKnown, R"({"event":"a","event":"heartbeat"})"},
    {"M11_TheLastEventCountsIfItIsNoneToo", kKnown, R"({"event":"a","event":1})", {}, {},
     kMalformed},
    {"M11_TheLastDataCounts", kKnown, R"({"data":1,"event":"e","data":2})", {}, {"message e 2"}},
    {"M11_KeysAreUnescapedFirst", kKnown, R"({"event":"a","\u0065vent":"b"})", {},
     {"message b -"}},
    {"M11_EventsAreUnescapedToo", kKnown, R"({"event":"hea\u0072tbeat"})"},
    {"M11_KeysAreCaseSensitive", kKnown, R"({"Event":"e"})", {}, {}, kMalformed},
    {"M12_BinaryIsReadAsText", kKnown, R"({"event":"e"})", {}, {"message e -"}, {}, true},
    {"M12_BinaryThatIsNoJson", kKnown, "hello", kInvalid, {}, kInvalidCounted, true},
    {"M12_InvalidUtf8InBinary", kKnown, "{\"event\":\"\xff\"}", kInvalid, {}, kInvalidCounted,
     true},
    {"M12_AnOverlongFormInBinary", kKnown, "{\"event\":\"\xc0\xaf\"}", kInvalid, {},
     kInvalidCounted, true},
    {"M12_ASurrogateInUtf8InBinary", kStranger, "{\"event\":\"\xed\xa0\x80\"}", kInvalid, {},
     kInvalidCounted, true},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, MessageOfAClient, testing::ValuesIn(kTable),
                         [](const auto& row) { return row.param.name; });

TEST(Message, M9WithoutAHandlerAnEventIsDroppedAndTheNextIsRead) {
  World world;
  Client& client = world.enter();
  world.delegate.has_hooks = false;
  client.receive(R"({"event":"move","data":{"x":1}})");
  client.receive("hello");
  EXPECT_EQ(client.take_sent(), kInvalid);
  EXPECT_EQ(world.counted(), (Counts{{"unhandled_events", 1}, {"invalid_messages", 1}}));
}

class WhileAHookIsOpen : public testing::TestWithParam<Stage> {
 protected:
  World world_;
  Client& client_ = world_.client_in(GetParam());
};

// shows: M14
TEST_P(WhileAHookIsOpen, M14EveryKindOfMessageWaits) {
  const Texts waiting{"hello", "{}", kAuthenticate, kJoin, kMove};
  for (const auto& text : waiting) client_.receive(text);
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.take_requests(), Texts{});
  EXPECT_EQ(world_.counted(), Counts{});
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(), (Texts{kInvalid[0], kAlready[0]}));
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms a", R"(message move {"x":1} "7")"}));
}

TEST_P(WhileAHookIsOpen, M13WhatWaitsIsASignOfLife) {
  world_.clock.pass(seconds(60));
  client_.receive(kHeartbeat);
  world_.clock.pass(seconds(90));
  client_.session.check_heartbeat();
  EXPECT_FALSE(client_.session.ended());
}

TEST_P(WhileAHookIsOpen, M14SixteenMessagesWaitThenNothingIsReadUntilAllAreHandled) {
  for (int i = 0; i < 15; ++i) client_.receive(kMove);
  EXPECT_TRUE(client_.transport.reading);
  client_.receive(kMove);
  EXPECT_FALSE(client_.transport.reading);
  for (int i = 0; i < 16; ++i) {
    client_.session.on_hook_done();
    EXPECT_FALSE(client_.transport.reading) << "its hook runs for message " << i;
  }
  client_.session.on_hook_done();
  EXPECT_TRUE(client_.transport.reading);
}

TEST_P(WhileAHookIsOpen, M14AClientThatIsNotReadIsNotSilent) {
  for (int i = 0; i < 16; ++i) client_.receive(kMove);
  world_.clock.pass(seconds(1'000));
  client_.session.check_heartbeat();
  EXPECT_FALSE(client_.session.ended());
  world_.complete_all();
  world_.clock.pass(seconds(90));
  client_.session.check_heartbeat();
  EXPECT_FALSE(client_.session.ended()) << "its clock begins anew";
  world_.clock.pass(milliseconds(1));
  client_.session.check_heartbeat();
  EXPECT_TRUE(client_.session.ended());
}

TEST_P(WhileAHookIsOpen, D1SendsReachTheClient) {
  EXPECT_GT(client_.send("now"), 0);
  EXPECT_EQ(client_.take_sent(), Texts{"now"});
}

TEST_P(WhileAHookIsOpen, O17TheEndForgetsWhatWaits) {
  client_.receive(kMove);
  client_.session.end(kShutdown);
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(), Texts{});
}

INSTANTIATE_TEST_SUITE_P(Each, WhileAHookIsOpen,
                         testing::Values(Stage::in_connected_hook, Stage::in_rooms_hook,
                                         Stage::in_message_hook),
                         [](const auto& row) { return std::string(to_string(row.param)); });

}  // namespace
}  // namespace wscast::session
