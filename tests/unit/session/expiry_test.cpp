// protocol.md X4: clients whose identity expires. X6: those that are one too many. X9: those of a
// revoked user.

#include <optional>
#include <string>

#include <gtest/gtest.h>

#include "encrypted_world.h"

namespace wscast::session {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr const char* kAuthenticate = R"({"event":"authenticate","data":{"token":"new"},"id":7})";
const std::string kConnected =
    R"({"event":"connected","data":{"id":"ID","userId":"alice","time":"2026-01-31T12:00:00.000Z"}})";
const std::string kRenewed =
    R"({"event":"connected","data":{"id":"ID","userId":"alice","time":"2026-01-31T12:00:00.000Z"},)"
    R"("id":7})";

Identity alice(std::optional<milliseconds> expires_in, int level = 1) {
  return {.user_id = "alice", .metadata = Metadata::of(level), .expires_in = expires_in};
}

class ExpiryTest : public testing::Test {
 protected:
  /// A client whose identity expires.
  Client& enter(milliseconds expires_in = seconds(60)) {
    world_.results.authenticate = alice(expires_in);
    Client& client = world_.open();
    client.receive(R"({"event":"authenticate"})");
    world_.complete_all();
    EXPECT_EQ(client.take_sent(), Texts{kConnected});
    world_.forget();
    return client;
  }

  /// Lets its deadline come.
  void expire(Client& client) {
    world_.clock.pass(
        std::chrono::duration_cast<milliseconds>(client.transport.deadline - world_.clock.now()));
    client.session.on_deadline();
  }

  World world_;
};

TEST_F(ExpiryTest, X4IsToldAndClosedAfterTheGrace) {
  Client& client = enter(seconds(60));
  EXPECT_EQ(client.transport.deadline, world_.clock.now() + seconds(60));
  expire(client);
  EXPECT_EQ(client.take_sent(), Texts{error_text("Token expired")});
  EXPECT_FALSE(client.session.ended());
  EXPECT_EQ(client.transport.deadline, world_.clock.now() + seconds(30));
  EXPECT_EQ(world_.counted(), Counts{});
  expire(client);
  EXPECT_EQ(client.take_sent(), Texts{"close 4003 Token expired"});
  EXPECT_EQ(world_.counted(), (Counts{{"closed_token_expired", 1}}));
  EXPECT_EQ(world_.delegate.causes, Texts{"4003 Token expired by the server"});
}

TEST_F(ExpiryTest, X4WithoutAGraceItIsClosedAtOnce) {
  world_.options.expiry_grace = seconds(0);
  Client& client = enter();
  expire(client);
  EXPECT_EQ(client.take_sent(), (Texts{error_text("Token expired"), "close 4003 Token expired"}));
  EXPECT_EQ(world_.counted(), (Counts{{"closed_token_expired", 1}}));
}

TEST_F(ExpiryTest, X4TheTimeCountsFromTheResultOnNotFromConnected) {
  world_.delegate.has_other_servers = true;
  Client& client = world_.client_in(Stage::authenticating);
  const SteadyTime result = world_.clock.now();
  client.session.on_authenticate_result(alice(seconds(10)));
  world_.clock.pass(seconds(3));
  client.session.on_subscribed();
  EXPECT_EQ(client.transport.deadline, result + seconds(10));
}

TEST_F(ExpiryTest, X4InTheGraceTheClientIsServedAsBefore) {
  Client& client = enter();
  client.receive(R"({"event":"join","data":{"rooms":["a"]}})");
  world_.complete_all();
  expire(client);
  world_.forget();
  world_.to_room("a", "x");
  client.receive(R"({"event":"e"})");
  EXPECT_EQ(client.take_sent(), Texts{"x"});
  EXPECT_EQ(world_.take_requests(), Texts{"message e -"});
}

TEST_F(ExpiryTest, X4M5WithoutAnExpiryTheReferenceStands) {
  Client& client = world_.enter();
  EXPECT_EQ(client.transport.deadline, SteadyTime::max());
  client.receive(R"({"event":"authenticate"})");
  EXPECT_EQ(client.take_sent(), Texts{error_text("Already authenticated")});
  EXPECT_EQ(world_.take_requests(), Texts{});
  EXPECT_EQ(world_.counted(), (Counts{{"already_authenticated", 1}}));
}

TEST_F(ExpiryTest, X4M5BeforeConnectedASecondAuthenticateIsAnError) {
  world_.delegate.has_other_servers = true;
  Client& client = world_.client_in(Stage::authenticating);
  client.session.on_authenticate_result(alice(seconds(10)));
  client.receive(R"({"event":"authenticate"})");
  EXPECT_EQ(client.take_sent(), Texts{error_text("Already authenticated")});
}

TEST_F(ExpiryTest, X4ARenewalRunsTheHookAndSendsConnectedOnceMore) {
  world_.delegate.has_connected_hook = true;
  Client& client = enter();
  client.receive(R"({"event":"join","data":{"rooms":["a"]}})");
  world_.complete_all();
  world_.forget();
  world_.clock.pass(seconds(59));  // Early.
  client.receive(kAuthenticate);
  EXPECT_EQ(world_.take_requests(), Texts{R"(auth {"token":"new"})"});
  EXPECT_EQ(client.session.state, ClientState::authenticated);
  world_.results.authenticate = alice(seconds(100), 2);
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{kRenewed});
  EXPECT_EQ(world_.take_requests(), Texts{}) << "no connected hook, no subscription";
  EXPECT_EQ(client.transport.deadline, world_.clock.now() + seconds(100));
  EXPECT_EQ(*client.session.identity.metadata.get<int>(), 2);
  EXPECT_TRUE(world_.hub.in_room(client.session, "a"));
  EXPECT_TRUE(world_.hub.in_room(client.session, "ws-default"));
  EXPECT_EQ(world_.hub.authenticated(), 1u);
  EXPECT_EQ(world_.counted(), (Counts{{"renewals", 1}}));
}

TEST_F(ExpiryTest, X4InTheGraceTooAndAsOftenAsItTakes) {
  Client& client = enter();
  for (int i = 0; i < 3; ++i) {
    expire(client);
    EXPECT_EQ(client.take_sent(), Texts{error_text("Token expired")}) << i;
    client.receive(kAuthenticate);
    world_.complete_all();
    EXPECT_EQ(client.take_sent(), Texts{kRenewed}) << i;
  }
}

TEST_F(ExpiryTest, X4M14WhatComesBehindARenewalWaits) {
  Client& client = enter();
  client.receive(kAuthenticate);
  client.receive(R"({"event":"one"})");
  client.receive(kAuthenticate);
  client.receive(R"({"event":"two"})");
  EXPECT_EQ(world_.take_requests(), Texts{R"(auth {"token":"new"})"}) << "one at a time";
  world_.complete_all();
  EXPECT_EQ(world_.take_requests(),
            (Texts{"message one -", R"(auth {"token":"new"})", "message two -"}));
  EXPECT_EQ(client.take_sent(), (Texts{kRenewed, kRenewed}));
}

TEST_F(ExpiryTest, X4WhileTheHookIsOpenItsDeadlineHoldsAlone) {
  Client& client = enter();
  expire(client);
  world_.forget();
  client.receive(kAuthenticate);
  EXPECT_EQ(client.transport.deadline, world_.clock.now() + seconds(15));
  expire(client);
  EXPECT_EQ(client.take_sent(), Texts{"close 4001 Authentication timeout"});
  EXPECT_EQ(world_.counted(), (Counts{{"closed_authentication_timeout", 1}}));
}

TEST_F(ExpiryTest, X4ARenewalWithoutAnExpiryIsTheLast) {
  Client& client = enter();
  client.receive(kAuthenticate);
  client.session.on_authenticate_result(alice(std::nullopt));
  EXPECT_EQ(client.take_sent(), Texts{kRenewed});
  EXPECT_EQ(client.transport.deadline, SteadyTime::max());
  client.session.on_deadline();
  client.receive(R"({"event":"authenticate"})");
  EXPECT_EQ(client.take_sent(), Texts{error_text("Already authenticated")});
}

struct Failure {
  std::string name;
  AuthenticateResult result;
  std::string error;
  Counts counted;

  friend void PrintTo(const Failure& row, std::ostream* out) { *out << row.name; }
};

class FailedRenewal : public testing::TestWithParam<Failure> {};

TEST_P(FailedRenewal, X4ClosesAsAFirstAuthenticationDoes) {
  World world;
  world.results.authenticate = alice(seconds(60));
  Client& client = world.open();
  client.receive(R"({"event":"authenticate"})");
  world.complete_all();
  world.forget();
  client.receive(kAuthenticate);
  client.receive(R"({"event":"behind"})");
  client.session.on_authenticate_result(GetParam().result);
  EXPECT_EQ(client.take_sent(),
            (Texts{R"({"event":"error","data":{"message":")" + GetParam().error + R"("},"id":7})",
                   "close 4003 Authentication failed"}));
  Counts counted = GetParam().counted;
  counted["dropped_after_close"] = 1;
  EXPECT_EQ(world.counted(), counted);
  EXPECT_EQ(world.hub.clients(), 0u);
  EXPECT_EQ(world.delegate.disconnections, 1);
}

INSTANTIATE_TEST_SUITE_P(
    Each, FailedRenewal,
    testing::Values(
        Failure{
            "Refused", Refused{}, "Authentication failed", {{"closed_authentication_failed", 1}}},
        Failure{"Threw", Threw{}, "Authentication error", {{"closed_authentication_error", 1}}},
        Failure{"AnotherUser",
                Identity{.user_id = "bob", .expires_in = seconds(60)},
                "Authentication failed",
                {{"closed_authentication_failed", 1}}},
        Failure{"NoTimeLeft",
                alice(seconds(0)),
                "Authentication failed",
                {{"closed_authentication_failed", 1}}},
        Failure{"NotUtf8",
                Identity{"\xff"},
                "Authentication error",
                {{"closed_authentication_error", 1}, {"hook_failures", 1}}}),
    [](const auto& row) { return row.param.name; });

TEST_F(ExpiryTest, X4OnlyTheFirstResultOfARenewalCounts) {
  Client& client = enter();
  client.session.on_authenticate_result(Refused{});
  EXPECT_FALSE(client.session.ended()) << "none was asked for";
  client.receive(kAuthenticate);
  client.session.on_authenticate_result(alice(seconds(60)));
  client.session.on_authenticate_result(Refused{});
  EXPECT_FALSE(client.session.ended());
  EXPECT_EQ(client.take_sent(), Texts{kRenewed});
}

TEST_F(ExpiryTest, X4O15AClientThatLeftMeanwhileIsNotRenewed) {
  Client& client = enter();
  client.receive(kAuthenticate);
  client.session.on_close();
  world_.complete_all();
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_EQ(world_.counted(), Counts{});
}

TEST_F(ExpiryTest, X4O11RatesAndHeartbeatGoOn) {
  world_.options.message_rate = 2;
  Client& client = enter();
  world_.clock.pass(seconds(10));
  for (int i = 0; i < 3; ++i) client.receive(kAuthenticate);
  EXPECT_EQ(world_.counted(), (Counts{{"rate_limited", 1}}));
  world_.complete_all();
  world_.clock.pass(seconds(91));
  client.session.check_heartbeat();
  EXPECT_EQ(client.take_sent().back(), "close 4002 Heartbeat timeout");
}

TEST_F(ExpiryTest, X4ACloseThatWaitsForTheTransformerKeepsItsDeadline) {
  Client& client = enter();
  client.session.outbound().enable_encryption();
  expire(client);
  EXPECT_EQ(world_.take_requests(), Texts{"transform " + error_text("Token expired")});
  expire(client);
  EXPECT_TRUE(client.session.ended());
  EXPECT_EQ(client.take_sent(), Texts{}) << "what was accepted goes first";
  expire(client);
  EXPECT_EQ(client.take_sent(), Texts{"close 4003 Token expired"});
}

class EncryptedExpiry : public EncryptedWorld {};

// shows: E1, S6
TEST_F(EncryptedExpiry, X4TheErrorAndConnectedAreEncrypted) {
  world_.results.authenticate = alice(seconds(60));
  enter();
  world_.clock.pass(seconds(60));
  client_->session.on_deadline();
  EXPECT_EQ(read(), Texts{error_text("Token expired")});
  client_->receive(peer_.seal(kAuthenticate));
  const Texts texts = read();
  ASSERT_EQ(texts.size(), 1u);
  const std::string start =
      R"({"event":"connected","data":{"id":")" + client_->id() +
      R"(","userId":"alice","time":"2026-01-31T12:00:00.000Z","serverPublicKey":")";
  EXPECT_TRUE(texts[0].starts_with(start)) << texts[0];
  EXPECT_TRUE(texts[0].ends_with(R"("},"id":7})")) << texts[0];
  client_->receive(R"({"event":"authenticate"})");
  EXPECT_TRUE(read().at(0).starts_with(start)) << "asked in the clear";
  client_->send(event(1));
  EXPECT_EQ(read(), Texts{event(1)}) << "by the same key";
}

TEST(TooManyConnections, X6TheNewClientIsToldAndClosed) {
  World world;
  world.observer.identified = hub::IdentifyResult::too_many_clients;
  world.delegate.has_connected_hook = true;
  Client& client = world.client_in(Stage::authenticating);
  client.session.on_authenticate_result(Identity{"alice"});
  EXPECT_EQ(client.take_sent(),
            (Texts{error_text("Too many connections"), "close 4011 Too many connections"}));
  EXPECT_EQ(world.counted(), (Counts{{"closed_too_many_connections", 1}}));
  EXPECT_EQ(world.take_requests(), Texts{}) << "no connected hook";
  EXPECT_EQ(world.hub.clients(), 0u);
  EXPECT_EQ(world.delegate.disconnections, 1);
  EXPECT_EQ(client.session.user_id(), "");
}

TEST(TooManyConnections, X1X6TheErrorHasTheIdOfTheMessage) {
  World world;
  world.observer.identified = hub::IdentifyResult::too_many_clients;
  Client& client = world.open();
  client.receive(kAuthenticate);
  world.complete_all();
  EXPECT_EQ(client.take_sent().at(0),
            R"({"event":"error","data":{"message":"Too many connections"},"id":7})");
}

TEST(TooManyConnections, X6AClientThatWouldBeEncryptedIsToldInTheClear) {
  World world;
  world.encrypt();
  world.observer.identified = hub::IdentifyResult::too_many_clients;
  Client& client = world.open();
  const EcdhClient peer;
  client.receive(R"({"event":"authenticate","data":)" + peer.authenticate_data() + "}");
  world.complete_all();
  EXPECT_EQ(client.take_sent(),
            (Texts{error_text("Too many connections"), "close 4011 Too many connections"}));
}

TEST(RevokedUser, X9TheNewClientIsToldAndClosed) {
  World world;
  world.observer.identified = hub::IdentifyResult::revoked;
  Client& client = world.open();
  client.receive(kAuthenticate);
  world.complete_all();
  EXPECT_EQ(client.take_sent(),
            (Texts{R"({"event":"error","data":{"message":"User revoked"},"id":7})",
                   "close 4003 User revoked"}));
  EXPECT_EQ(world.counted(), (Counts{{"closed_user_revoked", 1}}));
}

}  // namespace
}  // namespace wscast::session
