// protocol.md M4, M17, O1 to O5, O10, O15: the way from the open to `connected`.

#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string kAuthenticate = R"({"event":"authenticate"})";
const std::string kConnected =
    R"({"event":"connected","data":{"id":"ID","userId":"alice","time":"2026-01-31T12:00:00.000Z"}})";

struct Answer {
  std::string name;
  AuthenticateResult result;
  Texts sent;
  Counts counted;

  friend void PrintTo(const Answer& row, std::ostream* out) { *out << row.name; }
};

class ResultOfTheAuthenticateHook : public testing::TestWithParam<Answer> {};

TEST_P(ResultOfTheAuthenticateHook, Decides) {
  World world;
  Client& client = world.client_in(Stage::authenticating);
  client.session.on_authenticate_result(GetParam().result);
  EXPECT_EQ(client.take_sent(), GetParam().sent);
  EXPECT_EQ(world.counted(), GetParam().counted);
  const bool in = GetParam().counted.contains("authentications");
  EXPECT_EQ(client.session.ended(), !in);
  EXPECT_EQ(world.hub.authenticated(), in ? 1u : 0u);
  // What limits an address (X8).
  const bool rejected = GetParam().counted.contains("closed_authentication_failed");
  EXPECT_EQ(world.delegate.rejections, rejected ? 1 : 0);
}

std::string connected_as(const std::string& user_json) {
  return R"({"event":"connected","data":{"id":"ID","userId":")" + user_json +
         R"(","time":"2026-01-31T12:00:00.000Z"}})";
}

const std::string kFailedClose = "close 4003 Authentication failed";

INSTANTIATE_TEST_SUITE_P(
    Each, ResultOfTheAuthenticateHook,
    testing::Values(
        Answer{"M17_AUser", Identity{"alice"}, {kConnected}, {{"authentications", 1}}},
        Answer{"M17_NoUser",
               Identity{},
               {R"({"event":"connected","data":{"id":"ID","time":"2026-01-31T12:00:00.000Z"}})"},
               {{"authentications", 1}}},
        Answer{"M17_AUserWithQuotesIsEscaped",
               Identity{"a\"\\\n"},
               {connected_as(R"(a\"\\\n)")},
               {{"authentications", 1}}},
        Answer{"M17_AUserBeyondAsciiIsSentAsItIs",
               Identity{"\u00e4\U0001f600"},
               {connected_as("\u00e4\U0001f600")},
               {{"authentications", 1}}},
        Answer{"O4_Refused",
               Refused{},
               {error_text("Authentication failed"), kFailedClose},
               {{"closed_authentication_failed", 1}}},
        Answer{"O5_Threw",
               Threw{},
               {error_text("Authentication error"), kFailedClose},
               {{"closed_authentication_error", 1}}},
        Answer{"M16_AUserInInvalidUtf8IsAThrow",
               Identity{"a\xff"},
               {error_text("Authentication error"), kFailedClose},
               {{"closed_authentication_error", 1}, {"hook_failures", 1}}}),
    [](const auto& row) { return row.param.name; });

class AuthenticationTest : public testing::Test {
 protected:
  World world_;
};

TEST_F(AuthenticationTest, M4TheClientIsAuthenticatingUntilTheHookReturns) {
  Client& client = world_.open();
  EXPECT_EQ(client.session.state, ClientState::unauthorized);
  client.receive(kAuthenticate);
  EXPECT_EQ(client.session.state, ClientState::authenticating);
  world_.complete_all();
  EXPECT_EQ(client.session.state, ClientState::authenticated);
}

TEST_F(AuthenticationTest, M17ItIsIndexedByItsUserAndKeepsTheMetadata) {
  Client& client = world_.client_in(Stage::authenticating);
  client.session.on_authenticate_result(Identity{"alice", Metadata::of(std::string("gold"))});
  EXPECT_EQ(world_.hub.members_of_user("alice").size(), 1u);
  EXPECT_EQ(*client.session.identity.metadata.get<std::string>(), "gold");
}

TEST_F(AuthenticationTest, M17AnEmptyUserIsNone) {
  Client& client = world_.client_in(Stage::authenticating);
  client.session.on_authenticate_result(Identity{});
  EXPECT_TRUE(world_.hub.members_of_user("").empty());
  EXPECT_EQ(world_.to_user("", "x").accepted, 0u);
  EXPECT_EQ(world_.broadcast("x").accepted, 1u);
}

// shows: T11
TEST_F(AuthenticationTest, M17TheDefaultRoomsAreAnOption) {
  world_.options.default_rooms = {"hall"};
  Client& client = world_.enter();
  EXPECT_TRUE(world_.hub.in_room(client.session, "hall"));
  EXPECT_FALSE(world_.hub.in_room(client.session, "ws-default"));
}

TEST_F(AuthenticationTest, M17TheConnectedHookRunsBehindTheMessage) {
  world_.delegate.has_connected_hook = true;
  Client& client = world_.client_in(Stage::authenticating);
  client.session.on_authenticate_result(Identity{"alice"});
  EXPECT_EQ(world_.take_requests(), Texts{"connected"});
  EXPECT_EQ(client.take_sent(), Texts{kConnected}) << "it does not wait for the hook";
}

TEST_F(AuthenticationTest, M17NothingFromRoomsOrBroadcastPrecedesConnected) {
  Client& client = world_.client_in(Stage::authenticating);
  world_.hub.join(client.session, "a");
  world_.to_room("a", "early");
  world_.broadcast("early");
  client.session.on_authenticate_result(Identity{"alice"});
  world_.to_room("a", "late");
  world_.broadcast("late");
  EXPECT_EQ(client.take_sent(), (Texts{kConnected, "late", "late"}));
}

TEST_F(AuthenticationTest, M17FromThenOnMessagesOfAllKindsStayInOrder) {
  Client& client = world_.enter();
  client.send("1");
  world_.broadcast("2");
  world_.to_room("ws-default", "3");
  world_.to_user("alice", "4");
  world_.to_room(client.id(), "5");
  EXPECT_EQ(client.take_sent(), (Texts{"1", "2", "3", "4", "5"}));
}

TEST_F(AuthenticationTest, O1TheTimeRunsFromTheOpen) {
  Client& client = world_.open();
  EXPECT_EQ(client.transport.deadline, world_.clock.now() + seconds(5));
}

// shows: T9
TEST_F(AuthenticationTest, O1TheTimeIsAnOption) {
  world_.options.auth_timeout = milliseconds(700);
  EXPECT_EQ(world_.open().transport.deadline, world_.clock.now() + milliseconds(700));
}

TEST_F(AuthenticationTest, O1NothingElseExtendsIt) {
  Client& client = world_.open();
  const SteadyTime deadline = client.transport.deadline;
  world_.clock.pass(seconds(4));
  for (const char* text : {R"({"event":"heartbeat"})", "{}", "no", R"({"event":"join"})"}) {
    client.receive(text);
  }
  EXPECT_EQ(client.transport.deadline, deadline);
  client.take_sent();
  client.session.on_deadline();
  EXPECT_EQ(client.take_sent(), Texts{"close 4001 Authentication timeout"});
  EXPECT_EQ(world_.counted().at("closed_authentication_timeout"), 1u);
}

TEST_F(AuthenticationTest, O2ThreeTimesAsLongFromTheMessageOn) {
  Client& client = world_.open();
  world_.clock.pass(seconds(3));
  client.receive(kAuthenticate);
  EXPECT_EQ(client.transport.deadline, world_.clock.now() + seconds(15));
}

TEST_F(AuthenticationTest, O2ASecondAuthenticateDoesNotExtendIt) {
  Client& client = world_.client_in(Stage::authenticating);
  const SteadyTime deadline = client.transport.deadline;
  world_.clock.pass(seconds(3));
  client.receive(kAuthenticate);
  EXPECT_EQ(client.transport.deadline, deadline);
}

TEST_F(AuthenticationTest, O2TheHandshakeHookSharesTheTimeOfTheMessage) {
  world_.options.encryption = Encryption::required;
  Client& client = world_.client_in(Stage::authenticating);
  const SteadyTime deadline = client.transport.deadline;
  world_.clock.pass(seconds(10));
  client.session.on_authenticate_result(Identity{"alice"});
  EXPECT_EQ(client.transport.deadline, deadline);
}

class UntilAuthenticated : public testing::TestWithParam<Stage> {};

TEST_P(UntilAuthenticated, O2ADeadlineClosesInEveryStage) {
  World world;
  Client& client = world.client_in(GetParam());
  client.session.on_deadline();
  EXPECT_EQ(client.take_sent(), Texts{"close 4001 Authentication timeout"});
  EXPECT_EQ(world.counted(), (Counts{{"closed_authentication_timeout", 1}}));
}

TEST_P(UntilAuthenticated, O3TheHeartbeatIsNotForIt) {
  World world;
  Client& client = world.client_in(GetParam());
  world.clock.pass(seconds(1'000));
  client.session.check_heartbeat();
  EXPECT_FALSE(client.session.ended());
}

TEST_P(UntilAuthenticated, O10MessagesAreCountedInEveryStage) {
  World world;
  Client& client = world.client_in(GetParam());
  const int more = GetParam() == Stage::unauthorized ? 64 : 63;  // `authenticate` is one.
  for (int i = 0; i < more; ++i) client.receive(R"({"event":"heartbeat"})");
  EXPECT_EQ(client.take_sent(), Texts{});
  client.receive(R"({"event":"heartbeat"})");
  EXPECT_EQ(client.take_sent(), Texts{"close 4010 Too many messages before authentication"});
  EXPECT_EQ(world.counted(), (Counts{{"closed_pre_auth_flood", 1}}));
}

INSTANTIATE_TEST_SUITE_P(Each, UntilAuthenticated,
                         testing::Values(Stage::unauthorized, Stage::authenticating,
                                         Stage::handshaking),
                         [](const auto& row) { return std::string(to_string(row.param)); });

TEST_F(AuthenticationTest, O1O2ADeadlineThatComesLateIsNone) {
  Client& client = world_.enter();
  EXPECT_EQ(client.transport.deadline, SteadyTime::max());
  client.session.on_deadline();
  EXPECT_FALSE(client.session.ended());
}

TEST_F(AuthenticationTest, O3TheTimeoutIsAnOption) {
  world_.options.heartbeat_timeout = seconds(2);
  Client& client = world_.enter();
  world_.clock.pass(milliseconds(2'000));
  client.session.check_heartbeat();
  EXPECT_FALSE(client.session.ended());
  world_.clock.pass(milliseconds(1));
  client.session.check_heartbeat();
  EXPECT_EQ(client.take_sent(), Texts{"close 4002 Heartbeat timeout"});
  EXPECT_EQ(world_.counted(), (Counts{{"closed_heartbeat_timeout", 1}}));
}

TEST_F(AuthenticationTest, O3WhatTheServerSendsIsNoSignOfLife) {
  Client& client = world_.enter();
  world_.clock.pass(seconds(91));
  client.send("x");
  client.session.check_heartbeat();
  EXPECT_TRUE(client.session.ended());
}

TEST_F(AuthenticationTest, O10ExactlySoManyBytesAreFine) {
  Client& client = world_.open();
  const std::string frame = R"({"event":"heartbeat","data":""})";
  client.receive(R"({"event":"heartbeat","data":")" + std::string(64 * 1024 - frame.size(), 'x') +
                 R"("})");
  EXPECT_FALSE(client.session.ended());
  client.receive("1");
  EXPECT_TRUE(client.session.ended());
}

TEST_F(AuthenticationTest, O10OnceAuthenticatedNothingIsCounted) {
  Client& client = world_.enter();
  for (int i = 0; i < 1'000; ++i) client.receive(R"({"event":"heartbeat"})");
  EXPECT_FALSE(client.session.ended());
}

TEST_F(AuthenticationTest, O15AClientThatLeftMeanwhileIsNotAuthenticated) {
  world_.delegate.has_connected_hook = true;
  Client& client = world_.client_in(Stage::authenticating);
  client.session.on_close();
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_EQ(world_.take_requests(), Texts{}) << "no connected hook";
  EXPECT_EQ(world_.counted(), Counts{});
  EXPECT_EQ(world_.hub.authenticated(), 0u);
}

TEST_F(AuthenticationTest, M4OnlyTheFirstResultCounts) {
  Client& client = world_.client_in(Stage::authenticating);
  client.session.on_authenticate_result(Identity{"alice"});
  client.session.on_authenticate_result(Identity{"mallory"});
  client.session.on_authenticate_result(Refused{});
  EXPECT_EQ(client.session.user_id(), "alice");
  EXPECT_EQ(client.take_sent(), Texts{kConnected});
}

TEST_F(AuthenticationTest, O20NoStateIsCalledDisconnected) {
  for (const auto state :
       {ClientState::unauthorized, ClientState::authenticating, ClientState::authenticated}) {
    EXPECT_NE(to_string(state), client_states::disconnected);
  }
}

}  // namespace
}  // namespace wscast::session
