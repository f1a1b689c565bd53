// protocol.md M7, M14, M17: subscribe first, act second. A client is connected, and in a room, once
// its channels are subscribed.

#include <string>

#include <gtest/gtest.h>

#include "support/session_world.h"

namespace wscast::session {
namespace {

constexpr auto kConnected =
    R"({"event":"connected","data":{"id":"ID","userId":"alice","time":"2026-01-31T12:00:00.000Z"}})";

std::string join(std::string_view rooms) {
  return R"({"event":"join","data":{"rooms":)" + std::string(rooms) + "}}";
}

class SubscribingTest : public testing::Test {
 protected:
  SubscribingTest() { world_.delegate.has_other_servers = true; }

  /// Accepted by its hook, with its subscription pending.
  Client& accepted() {
    Client& client = world_.client_in(Stage::authenticating);
    client.session.on_authenticate_result(Identity{"alice"});
    return client;
  }

  World world_;
};

TEST_F(SubscribingTest, M17TheClientIsConnectedOnceItIsSubscribed) {
  Client& client = accepted();
  EXPECT_EQ(world_.take_requests(), Texts{"subscribe client of alice"});
  EXPECT_EQ(client.session.state, ClientState::authenticating);
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_FALSE(world_.hub.in_room(client.session, "ws-default"));
  client.session.on_subscribed();
  EXPECT_EQ(client.take_sent(), Texts{kConnected});
  EXPECT_TRUE(world_.hub.in_room(client.session, "ws-default"));
}

TEST_F(SubscribingTest, M5ASecondResultOfTheHookChangesNothing) {
  Client& client = accepted();
  client.session.on_authenticate_result(Identity{"mallory"});
  client.session.on_authenticate_result(Refused{});
  client.session.on_subscribed();
  EXPECT_EQ(client.take_sent(), Texts{kConnected});
}

TEST_F(SubscribingTest, M17NothingFromRoomsOrBroadcastComesBefore) {
  Client& client = accepted();
  world_.hub.join(client.session, "a");
  EXPECT_EQ(world_.to_room("a", "early").accepted, 0u);
  EXPECT_EQ(world_.broadcast("early").accepted, 0u);
  client.session.on_subscribed();
  EXPECT_EQ(client.take_sent(), Texts{kConnected});
}

TEST_F(SubscribingTest, O2TheTimeToAuthenticateRunsOn) {
  Client& client = accepted();
  world_.clock.pass(std::chrono::seconds(15));
  EXPECT_LE(client.transport.deadline, world_.clock.now());
  client.session.on_deadline();
  EXPECT_EQ(client.take_sent(), Texts{"close 4001 Authentication timeout"});
  client.session.on_subscribed();
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST_F(SubscribingTest, O15AClientThatLeftMeanwhileIsNotConnected) {
  Client& client = accepted();
  client.session.on_close();
  client.session.on_subscribed();
  EXPECT_EQ(client.take_sent(), Texts{});
  EXPECT_EQ(world_.hub.authenticated(), 0u);
  EXPECT_EQ(world_.delegate.disconnections, 1);
}

TEST_F(SubscribingTest, D1NothingReachesAClientInTheClearBehindItsHandshake) {
  world_.options.encryption = Encryption::required;
  Client& client = world_.client_in(Stage::handshaking);
  client.session.on_handshake_result(HandshakeKeys{"key", "salt"});
  EXPECT_EQ(world_.take_requests(), Texts{"subscribe client of alice"});
  EXPECT_EQ(client.send("secret"), 0);
  EXPECT_EQ(world_.counted(), (Counts{{"dropped_in_handshake", 1}}));
  client.session.on_subscribed();
  ASSERT_EQ(world_.take_requests().size(), 1u) << "`connected` goes through the transformer";
  EXPECT_EQ(client.take_sent(), Texts{});
}

TEST_F(SubscribingTest, M7AJoinTakesEffectOnceItIsSubscribed) {
  Client& client = world_.enter();
  client.receive(join(R"(["a","b"])"));
  client.session.on_rooms_result(Texts{"a", "b"});
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms a b", "subscribe rooms a b"}));
  EXPECT_FALSE(world_.hub.in_room(client.session, "a"));
  client.session.on_subscribed();
  EXPECT_TRUE(world_.hub.in_room(client.session, "a"));
  EXPECT_TRUE(world_.hub.in_room(client.session, "b"));
}

TEST_F(SubscribingTest, M7RoomsThatAreRefusedAreNotJoined) {
  Client& client = world_.enter();
  client.receive(join(R"(["a","b"])"));
  client.session.on_rooms_result(Texts{"a", "b"});
  client.session.on_subscribed(Texts{"b", "c"});
  EXPECT_TRUE(world_.hub.in_room(client.session, "a"));
  EXPECT_FALSE(world_.hub.in_room(client.session, "b"));
  EXPECT_FALSE(world_.hub.in_room(client.session, "c"));
  client.receive(R"({"event":"next"})");
  EXPECT_EQ(world_.take_requests().back(), "message next -") << "the join is over";
}

TEST_F(SubscribingTest, M7OnlyRoomsThatItMayBeInAreSubscribed) {
  Client& client = world_.enter();
  client.receive(join(R"(["a"])"));
  client.session.on_rooms_result(Texts{"", "a", "ws:x", std::string(257, 'x')});
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms a", "subscribe rooms a"}));
}

TEST_F(SubscribingTest, M7WithoutARoomNothingIsSubscribed) {
  Client& client = world_.enter();
  client.receive(join(R"(["a"])"));
  client.session.on_rooms_result(Texts{"ws:x"});
  client.receive(R"({"event":"next"})");
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms a", "message next -"}));
}

TEST_F(SubscribingTest, M8M14WhatIsBehindAJoinWaitsForIt) {
  Client& client = world_.enter();
  client.receive(join(R"(["a"])"));
  client.session.on_rooms_result(Texts{"a"});
  client.receive(R"({"event":"leave","data":{"rooms":["a"]}})");
  client.receive(R"({"event":"next"})");
  EXPECT_EQ(world_.take_requests(), (Texts{"rooms a", "subscribe rooms a"}));
  client.session.on_subscribed();
  EXPECT_FALSE(world_.hub.in_room(client.session, "a"));
  EXPECT_EQ(world_.take_requests(), Texts{"message next -"});
}

TEST_F(SubscribingTest, O13TheLimitIsThatOfTheMomentOfJoining) {
  world_.options.max_rooms_per_client = 4;
  Client& client = world_.enter();
  client.receive(join(R"(["a"])"));
  client.session.on_rooms_result(Texts{"a"});
  world_.hub.join(client.session, "by the application");
  client.session.on_subscribed();
  EXPECT_FALSE(world_.hub.in_room(client.session, "a"));
  EXPECT_EQ(client.take_sent(), Texts{error_text("Too many rooms")});
}

TEST_F(SubscribingTest, O15ResultsForAClientThatLeftJoinNothing) {
  Client& client = world_.enter();
  client.receive(join(R"(["a"])"));
  client.session.on_rooms_result(Texts{"a"});
  client.session.on_close();
  client.session.on_subscribed();
  EXPECT_FALSE(world_.hub.in_room(client.session, "a"));
}

}  // namespace
}  // namespace wscast::session
