// join_room() and leave_room().

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

class MembershipTest : public testing::Test {
 protected:
  MembershipTest() : fixture_(3) { fixture_.spread(); }

  Server& server() { return fixture_.server(); }
  void say(std::string_view room, std::string_view data) {
    EXPECT_FALSE(server().send_to_room({.room = room, .event = "n", .data = Json::text(data)}));
  }
  std::error_code join(std::string_view id, std::string_view room) {
    return server().join_room({.client_id = id, .room = room});
  }
  std::error_code leave(std::string_view id, std::string_view room) {
    return server().leave_room({.client_id = id, .room = room});
  }

  ServerFixture fixture_;
};

// shows: A-server-joinRoom, A-server-leaveRoom
TEST_F(MembershipTest, IsVisibleWhenTheCallReturns) {
  const Peer peer = fixture_.peer("alice");
  EXPECT_FALSE(join(peer.id, "lobby"));
  EXPECT_TRUE(server().in_room(peer.id, "lobby"));
  EXPECT_EQ(server().room_size("lobby"), 1u);
  EXPECT_FALSE(join(peer.id, "lobby"));  // Again.
  EXPECT_EQ(server().room_size("lobby"), 1u);
  say("lobby", "1");
  EXPECT_FALSE(leave(peer.id, "lobby"));
  EXPECT_FALSE(server().in_room(peer.id, "lobby"));
  EXPECT_EQ(server().room_size("lobby"), 0u);
  EXPECT_FALSE(leave(peer.id, "lobby"));
  say("lobby", "2");
  say("ws-default", "3");
  EXPECT_EQ(peer.next(), message("n", "1"));
  EXPECT_EQ(peer.next(), message("n", "3"));
}

TEST_F(MembershipTest, D14TheServerMayJoinWhatClientsMayNot) {
  const Peer alice = fixture_.peer("alice");
  const Peer bob = fixture_.peer("bob");
  const std::string longest(300, 'r');
  for (const std::string& room : {std::string("ws:anything"), longest, bob.id}) {
    EXPECT_FALSE(join(alice.id, room));
    say(room, "\"" + room.substr(0, 40) + "\"");
    EXPECT_EQ(alice.next(), message("n", "\"" + room.substr(0, 40) + "\""));
  }
  EXPECT_EQ(server().room_size(bob.id), 2u);
  EXPECT_EQ(bob.next(), message("n", "\"" + bob.id + "\""));
}

TEST_F(MembershipTest, D13LeavingItsOwnRoomSilencesThatRoomAlone) {
  const Peer peer = fixture_.peer("alice");
  EXPECT_TRUE(server().in_room(peer.id, peer.id));
  say(peer.id, "1");
  EXPECT_FALSE(leave(peer.id, peer.id));
  EXPECT_FALSE(server().in_room(peer.id, peer.id));
  EXPECT_EQ(server().room_size(peer.id), 0u);
  say(peer.id, "2");
  EXPECT_TRUE(server().send_to_client({.client_id = peer.id, .event = "direct"}));
  EXPECT_FALSE(join(peer.id, peer.id));
  say(peer.id, "3");
  EXPECT_EQ(peer.next(), message("n", "1"));
  EXPECT_EQ(peer.next(), R"({"event":"direct"})");
  EXPECT_EQ(peer.next(), message("n", "3"));
}

TEST_F(MembershipTest, D14AMemberReceivesItsRoomFromConnectedOn) {
  const auto socket = fixture_.connect();
  ServerFixture::await([&] { return server().client_count() == 1; });
  const std::string id = server().get_clients().at(0).id;
  EXPECT_FALSE(join(id, "lobby"));
  EXPECT_TRUE(server().in_room(id, "lobby"));
  say("lobby", "1");
  ServerFixture::await([&] { return fixture_.count(Counter::dropped_before_connected) == 1; });
  socket->send_text(R"({"event":"authenticate","data":{"token":"alice"}})");
  EXPECT_TRUE(socket->receive().payload.starts_with(R"({"event":"connected")"));
  EXPECT_TRUE(server().in_room(id, "lobby"));
  say("lobby", "2");
  EXPECT_EQ(socket->receive().payload, message("n", "2"));
}

TEST_F(MembershipTest, ErrorsAreReturned) {
  const Peer peer = fixture_.peer("alice");
  for (const bool joins : {true, false}) {
    const auto call = [&](std::string_view id, std::string_view room) {
      return joins ? join(id, room) : leave(id, room);
    };
    EXPECT_EQ(call(Server::new_client_id(), "lobby"), Errc::unknown_client);
    EXPECT_EQ(call("nobody", "lobby"), Errc::unknown_client);
    EXPECT_EQ(call(peer.id, ""), Errc::invalid_text);
    EXPECT_EQ(call(peer.id, "\xff"), Errc::invalid_text);
  }
  server().shutdown();
  EXPECT_EQ(join(peer.id, "lobby"), Errc::stopped);
  EXPECT_EQ(leave(peer.id, "lobby"), Errc::stopped);
}

TEST_F(MembershipTest, EndsWithTheClient) {
  const Peer alice = fixture_.peer("alice", {"lobby"});
  Peer bob = fixture_.peer("bob", {"lobby"});
  bob.socket->close();
  ServerFixture::await([&] { return server().client_count() == 1; });
  EXPECT_EQ(server().room_size("lobby"), 1u);
  EXPECT_EQ(server().get_clients_by_room("lobby").at(0).id, alice.id);
  EXPECT_EQ(server().room_size(bob.id), 0u);
  EXPECT_EQ(join(bob.id, "lobby"), Errc::unknown_client);
}

// shows: M8, D13
TEST_F(MembershipTest, AClientLeavesAnyRoomItIsIn) {
  const Peer peer = fixture_.peer("alice", {"ws:reserved"});
  peer.send("leave", R"({"rooms":["ws:reserved","ws-default",")" + peer.id + R"(","nowhere"]})");
  ServerFixture::await([&] { return server().get_client(peer.id)->rooms.size() == 1; });
  EXPECT_TRUE(server().in_room(peer.id, "ws-notification"));
}

}  // namespace
}  // namespace wscast
