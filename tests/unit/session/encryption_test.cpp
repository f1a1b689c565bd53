// protocol.md section 4, M17, D1, O2, O5 to O7: the handshake, and what an encrypted client is
// sent.

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

const std::string kPlain =
    R"({"event":"connected","data":{"id":"ID","userId":"alice","time":"2026-01-31T12:00:00.000Z"}})";
const std::string kSealed =
    R"({"event":"connected","data":{"id":"ID","userId":"alice",)"
    R"("time":"2026-01-31T12:00:00.000Z","serverPublicKey":"key","salt":"salt"}})";
const HandshakeKeys kKeys{"key", "salt"};

struct Handshake {
  std::string name;
  Encryption mode;
  std::string data;                       ///< In `authenticate`.
  std::optional<HandshakeResult> result;  ///< `std::nullopt`: there is no hook.
  Texts sent;
  Counts counted;

  friend void PrintTo(const Handshake& row, std::ostream* out) { *out << row.name; }
};

class HandshakeOfAClient : public testing::TestWithParam<Handshake> {};

TEST_P(HandshakeOfAClient, EndsByTheTable) {
  World world;
  world.options.encryption = GetParam().mode;
  world.delegate.has_hooks = GetParam().result.has_value();
  if (GetParam().result) world.results.handshake = *GetParam().result;
  Client& client = world.open();
  client.receive(R"({"event":"authenticate","data":)" + GetParam().data + "}");
  world.complete_all();
  EXPECT_EQ(client.take_sent(), GetParam().sent);
  EXPECT_EQ(world.counted(), GetParam().counted);
  EXPECT_EQ(client.session.encrypted.load(), GetParam().sent == Texts{kSealed});
}

constexpr auto kOff = Encryption::off;
constexpr auto kOptional = Encryption::optional;
constexpr auto kRequired = Encryption::required;
constexpr const char* kKey = R"({"publicKey":"k"})";
constexpr const char* kNoKey = R"({"token":"t"})";
const Counts kIn{{"authentications", 1}};
const Counts kClosed{{"closed_encryption", 1}};
const Counts kThrew{{"closed_authentication_error", 1}};
const Counts kUnreadable{{"closed_authentication_error", 1}, {"hook_failures", 1}};
const Texts kNoHook{"close 4004 Encryption required"};
const Texts kFailed{error_text("Encryption handshake failed"), "close 4004 Encryption required"};
const Texts kError{error_text("Authentication error"), "close 4003 Authentication failed"};

// clang-format off
const std::vector<Handshake> kHandshakes = {
    {"M17_OffWithAKey", kOff, kKey, kKeys, {kPlain}, kIn},
    {"M17_OffWithoutAKey", kOff, kNoKey, kKeys, {kPlain}, kIn},
    {"M17_OffWithoutAHook", kOff, kKey, {}, {kPlain}, kIn},
    {"M17_OptionalWithAKey", kOptional, kKey, kKeys, {kSealed}, kIn},
    {"M17_OptionalWithoutAKeyStaysPlain", kOptional, kNoKey, kKeys, {kPlain}, kIn},
    {"M17_OptionalWithoutAKeyNeedsNoHook", kOptional, kNoKey, {}, {kPlain}, kIn},
    {"M17_OptionalWithoutData", kOptional, "null", kKeys, {kPlain}, kIn},
    {"M17_OptionalWithAKeyOfAnyKind", kOptional, R"({"publicKey":7})", kKeys, {kSealed}, kIn},
    {"M17_OptionalWithANullKey", kOptional, R"({"publicKey":null})", kKeys, {kSealed}, kIn},
    {"M11_OptionalWithAnEscapedKey", kOptional, R"({"public\u004bey":"k"})", kKeys, {kSealed}, kIn},
    {"M17_OptionalWithAKeyInside", kOptional, R"({"x":{"publicKey":"k"}})", kKeys, {kPlain}, kIn},
    {"M17_OptionalWithAKeyInAnArray", kOptional, R"(["publicKey"])", kKeys, {kPlain}, kIn},
    {"M17_OptionalWithAKeyOfAnotherCase", kOptional, R"({"publickey":"k"})", kKeys, {kPlain}, kIn},
    {"M17_RequiredWithAKey", kRequired, kKey, kKeys, {kSealed}, kIn},
    {"M17_RequiredLeavesTheKeyToTheHook", kRequired, kNoKey, kKeys, {kSealed}, kIn},
    {"M17_RequiredWithoutData", kRequired, "null", kKeys, {kSealed}, kIn},
    {"O6_RequiredWithoutAHook", kRequired, kKey, {}, kNoHook, kClosed},
    {"O6_OptionalWithAKeyWithoutAHook", kOptional, kKey, {}, kNoHook, kClosed},
    {"O7_RequiredAndRefused", kRequired, kKey, Refused{}, kFailed, kClosed},
    {"O7_OptionalAndRefused", kOptional, kKey, Refused{}, kFailed, kClosed},
    {"O5_RequiredAndThrew", kRequired, kKey, Threw{}, kError, kThrew},
    {"O5_OptionalAndThrew", kOptional, kKey, Threw{}, kError, kThrew},
    {"O5_AKeyInInvalidUtf8", kRequired, kKey, HandshakeKeys{"\xff", "salt"}, kError, kUnreadable},
    {"O5_ASaltInInvalidUtf8", kRequired, kKey, HandshakeKeys{"key", "\xff"}, kError, kUnreadable},
};
// clang-format on

INSTANTIATE_TEST_SUITE_P(Each, HandshakeOfAClient, testing::ValuesIn(kHandshakes),
                         [](const auto& row) { return row.param.name; });

class HandshakeTest : public testing::Test {
 protected:
  World world_;
  Client& client_ = world_.client_in(Stage::handshaking);
};

TEST_F(HandshakeTest, M17TheHookGetsTheUserAndTheDataOfAuthenticate) {
  Client& other = world_.open();
  other.receive(R"({"event":"authenticate","data":{"publicKey":"k"}})");
  world_.take_requests();
  other.session.on_authenticate_result(Identity{"bob"});
  EXPECT_EQ(world_.take_requests(), Texts{R"(handshake bob {"publicKey":"k"})"});
}

TEST_F(HandshakeTest, M17TheClientIsStillAuthenticating) {
  EXPECT_EQ(client_.session.state, ClientState::authenticating);
  EXPECT_EQ(world_.hub.members_of_user("alice").size(), 0u);
  EXPECT_EQ(world_.hub.room_count(client_.session), 0u);
}

TEST_F(HandshakeTest, D1ASendIsRefusedAndCounted) {
  EXPECT_EQ(client_.send("clear"), 0);
  EXPECT_EQ(client_.session.send_raw(ws::make_frame(ws::Opcode::text, "clear")), 0);
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.counted(), (Counts{{"dropped_in_handshake", 1}, {"raw_refused", 1}}));
}

TEST_F(HandshakeTest, D2D3D5NothingElseReachesTheClientEither) {
  world_.hub.join(client_.session, "a");
  EXPECT_EQ(world_.to_user("alice", "clear").accepted, 0u);
  EXPECT_EQ(world_.to_room("a", "clear").accepted, 0u);
  EXPECT_EQ(world_.broadcast("clear").accepted, 0u);
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.counted(), (Counts{{"dropped_before_connected", 1}}));
}

TEST_F(HandshakeTest, D1BeforeTheHookIsRequestedASendStillReachesTheClient) {
  Client& authenticating = world_.open();
  authenticating.receive(R"({"event":"authenticate","data":{}})");
  EXPECT_GT(authenticating.send("clear"), 0);
}

TEST_F(HandshakeTest, M4ASecondAuthenticateResultIsDiscarded) {
  client_.session.on_authenticate_result(Identity{"mallory"});
  client_.session.on_authenticate_result(Refused{});
  EXPECT_FALSE(client_.session.ended());
  EXPECT_EQ(client_.session.user_in_handshake(), "alice");
}

TEST_F(HandshakeTest, M4AHandshakeResultThatWasNotRequestedIsDiscarded) {
  Client& authenticating = world_.open();
  authenticating.receive(R"({"event":"authenticate","data":{}})");
  authenticating.session.on_handshake_result(kKeys);
  authenticating.session.on_handshake_result(Refused{});
  EXPECT_EQ(authenticating.session.state, ClientState::authenticating);
  EXPECT_FALSE(authenticating.session.encrypted);
}

TEST_F(HandshakeTest, E1ConnectedGoesThroughTheTransformerFirst) {
  client_.session.on_handshake_result(kKeys);
  EXPECT_EQ(client_.take_sent(), Texts{});
  world_.broadcast(R"({"event":"x"})");
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(), (Texts{kSealed, R"({"event":"x"})"}));
}

class OutboxOfAClient : public testing::Test {
 protected:
  OutboxOfAClient() { client_.session.outbound().enable_encryption(); }

  static std::string event(int n) { return R"({"event":"e","data":)" + std::to_string(n) + "}"; }
  void complete(const TransformResult& result) {
    client_.session.outbound().on_transform_result(result);
  }

  World world_;
  Client& client_ = world_.enter();
};

TEST_F(OutboxOfAClient, E1EachKindOfSendIsTransformed) {
  client_.send(event(1));
  world_.broadcast(event(2));
  world_.to_room("ws-default", event(3));
  world_.to_user("alice", event(4));
  client_.receive("no json");
  EXPECT_EQ(client_.take_sent(), Texts{});
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(),
            (Texts{"transform " + event(1), "transform " + event(2), "transform " + event(3),
                   "transform " + event(4), "transform " + error_text("Invalid message format")}));
}

TEST_F(OutboxOfAClient, E1OthersOfTheRoomAreSentTheSharedFrame) {
  Client& plain = world_.enter("bob");
  world_.to_room("ws-default", event(1));
  EXPECT_EQ(plain.take_sent(), Texts{event(1)});
  EXPECT_EQ(world_.take_requests(), Texts{"transform " + event(1)});
}

TEST_F(OutboxOfAClient, E1RawSendsAreRefusedAndCounted) {
  EXPECT_EQ(client_.session.send_raw(ws::make_frame(ws::Opcode::text, "raw")), 0);
  EXPECT_EQ(world_.counted(), (Counts{{"raw_refused", 1}}));
}

TEST_F(OutboxOfAClient, E3TheResultsEventAndDataAreSentInstead) {
  client_.send(event(1));
  complete(Transformed{"encrypted", R"({"ct":"x"})"});
  EXPECT_EQ(client_.take_sent(), Texts{R"({"event":"encrypted","data":{"ct":"x"}})"});
}

TEST_F(OutboxOfAClient, E3NoDataIsNoKey) {
  client_.send(event(1));
  complete(Transformed{"secret", ""});
  EXPECT_EQ(client_.take_sent(), Texts{R"({"event":"secret"})"});
}

TEST_F(OutboxOfAClient, E3NoResultSendsTheMessageUnchanged) {
  client_.send(event(1));
  complete(Unchanged{});
  EXPECT_EQ(client_.take_sent(), Texts{event(1)});
}

TEST_F(OutboxOfAClient, E4AThrowLosesThatMessageAlone) {
  world_.options.notify_dropped = false;  // X2 has tests of its own.
  client_.send(event(1));
  client_.send(event(2));
  complete(Threw{});
  complete(Unchanged{});
  EXPECT_EQ(client_.take_sent(), Texts{event(2)});
  EXPECT_EQ(world_.counted(), (Counts{{"drop_episodes", 1}, {"transform_failures", 1}}));
  EXPECT_FALSE(client_.session.ended());
}

TEST_F(OutboxOfAClient, E4WhatIsNoMessageCountsAsThrowing) {
  world_.options.notify_dropped = false;  // X2 has tests of its own.
  for (const Transformed& made :
       {Transformed{"\xff", ""}, Transformed{"e", "\"\xff\""}, Transformed{"e", "{"},
        Transformed{"e", std::string(256, '[') + std::string(256, ']')}}) {
    client_.send(event(1));
    complete(made);
  }
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.counted(),
            (Counts{{"drop_episodes", 4}, {"transform_failures", 4}, {"hook_failures", 4}}));
}

TEST_F(OutboxOfAClient, E5OnceOnItStaysOn) {
  client_.session.outbound().enable_encryption();
  client_.receive(R"({"event":"leave","data":{"rooms":["ws-default"]}})");
  client_.send(event(1));
  EXPECT_EQ(client_.take_sent(), Texts{});
}

TEST_F(OutboxOfAClient, E6MessagesWaitForTheOneBefore) {
  for (int n = 0; n < 3; ++n) client_.send(event(n));
  EXPECT_EQ(world_.take_requests(), Texts{"transform " + event(0)}) << "one at a time";
  complete(Unchanged{});
  complete(Transformed{"second", ""});
  complete(Unchanged{});
  EXPECT_EQ(client_.take_sent(), (Texts{event(0), R"({"event":"second"})", event(2)}));
}

TEST_F(OutboxOfAClient, T12ASendReturnsTheBytesOfThePlainPayload) {
  EXPECT_EQ(client_.send(event(1)), static_cast<int>(event(1).size()));
  client_.session.outbound().on_backpressure();
  EXPECT_EQ(client_.send(event(2)), -1);
}

TEST_F(OutboxOfAClient, T5OverTheLimitAMessageIsDroppedAndCounted) {
  world_.options.notify_dropped = false;  // X2 has tests of its own.
  world_.transport_options.backpressure_limit = 100;
  const std::string big = R"({"event":"e","data":")" + std::string(200, 'x') + R"("})";
  EXPECT_GT(client_.send(big), 0) << "one message may overshoot";
  EXPECT_EQ(client_.send(event(1)), 0);
  EXPECT_EQ(world_.counted(), (Counts{{"drop_episodes", 1}, {"dropped_backpressure", 1}}));
  EXPECT_TRUE(client_.session.full);
  complete(Unchanged{});
  EXPECT_FALSE(client_.session.full) << "nothing waits any more";
  EXPECT_GT(client_.send(event(2)), 0);
}

TEST_F(OutboxOfAClient, T5ExactlyAtTheLimitOneMoreIsAccepted) {
  world_.transport_options.backpressure_limit = ws::make_frame(ws::Opcode::text, event(1)).cost();
  client_.send(event(1));
  EXPECT_GT(client_.send(event(2)), 0);
  EXPECT_EQ(client_.send(event(3)), 0);
}

TEST_F(OutboxOfAClient, T5AFullConnectionStaysFullThoughTheOutboxEmpties) {
  client_.send(event(1));
  client_.session.outbound().on_backpressure();
  client_.transport.result = 0;
  complete(Unchanged{});
  EXPECT_TRUE(client_.session.full);
  client_.session.outbound().on_drain();
  EXPECT_FALSE(client_.session.full);
}

TEST_F(OutboxOfAClient, O9T6OverTheLimitTheClientIsSlow) {
  world_.transport_options.backpressure_limit = 10;
  world_.transport_options.close_on_backpressure_limit = true;
  client_.send(event(1));
  EXPECT_EQ(world_.delegate.slow_consumers, 0);
  client_.send(event(2));
  EXPECT_EQ(world_.delegate.slow_consumers, 1);
}

TEST_F(OutboxOfAClient, E6TheCloseFollowsWhatWasAcceptedBeforeIt) {
  client_.send(event(1));
  client_.send(event(2));
  client_.session.end(kShutdown);
  EXPECT_TRUE(client_.session.ended());
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(client_.send(event(3)), 0);
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(), (Texts{event(1), event(2), "close 1001 Server shutting down"}));
  EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{});
}

TEST_F(OutboxOfAClient, E6TheErrorThatExplainsACloseIsTransformedToo) {
  client_.session.end(kAuthenticationFailed);
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(),
            (Texts{error_text("Authentication failed"), "close 4003 Authentication failed"}));
}

TEST_F(OutboxOfAClient, TheCloseDoesNotWaitForEver) {
  client_.send(event(1));
  client_.send(event(2));
  client_.session.end(kShutdown);
  EXPECT_EQ(client_.transport.deadline, world_.clock.now() + std::chrono::seconds(3));
  world_.clock.pass(std::chrono::seconds(3));
  client_.session.on_deadline();
  EXPECT_EQ(client_.take_sent(), Texts{"close 1001 Server shutting down"});
  EXPECT_EQ(world_.counted(), (Counts{{"closed_shutdown", 1}, {"transform_failures", 2}}));
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(), Texts{});
  EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{});
}

TEST_F(OutboxOfAClient, O9ASlowConsumerIsNotWaitedFor) {
  client_.send(event(1));
  client_.session.end(kSlowConsumer);
  EXPECT_EQ(client_.take_sent(), Texts{"close 4008 Slow consumer"});
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(), Texts{});
}

TEST_F(OutboxOfAClient, AConnectionThatGoesWhileItsCloseWaitsCostsNothing) {
  client_.send(event(1));
  client_.session.end(kShutdown);
  EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{&client_.session});
  client_.session.on_close();
  EXPECT_EQ(world_.delegate.draining, std::vector<Session*>{});
  world_.complete_all();
  EXPECT_EQ(client_.take_sent(), Texts{});
}

TEST_F(OutboxOfAClient, T5UnderBackpressureMessagesWaitAsTheyCame) {
  client_.send(event(1));
  client_.session.outbound().on_backpressure();
  client_.send(event(2));
  complete(Unchanged{});
  EXPECT_EQ(client_.take_sent(), Texts{event(1)});
  EXPECT_EQ(world_.take_requests(), Texts{"transform " + event(1)});
  client_.session.outbound().on_drain();
  EXPECT_EQ(world_.take_requests(), Texts{"transform " + event(2)});
  complete(Unchanged{});
  EXPECT_EQ(client_.take_sent(), Texts{event(2)});
}

}  // namespace
}  // namespace wscast::session
