// What the queries return about clients.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using std::chrono::system_clock;

struct Profile {
  std::string name;
};

/// The hooks' answers are the test's: `held` requests wait until released.
class Queries : public testing::Test {
 protected:
  Queries()
      : fixture_(3, [this](ServerOptions& options) {
          options.hooks.authenticate = [this](const AuthenticateRequest&,
                                              Reply<std::optional<Identity>> reply) {
            if (holds_) {
              held_ = std::make_unique<Reply<std::optional<Identity>>>(reply);
              asked_ = true;
            } else {
              reply(Identity{.user_id = "alice", .metadata = Metadata::of(Profile{"Al"})});
            }
          };
        }) {
    fixture_.spread();
  }

  Server& server() { return fixture_.server(); }

  static std::vector<std::string> ids_of(const std::vector<ClientInfo>& infos) {
    std::vector<std::string> ids;
    for (const auto& info : infos) ids.push_back(info.id);
    std::ranges::sort(ids);
    return ids;
  }

  static std::vector<std::string> sorted(std::vector<std::string> texts) {
    std::ranges::sort(texts);
    return texts;
  }

  std::atomic<bool> holds_ = false;
  std::atomic<bool> asked_ = false;
  std::unique_ptr<Reply<std::optional<Identity>>> held_;
  ServerFixture fixture_;
};

// shows: A-type-IWebSocketClient, A-field-IWebSocketClient.id, A-field-IWebSocketClient.userId,
//   A-field-IWebSocketClient.state, A-field-IWebSocketClient.rooms,
//   A-field-IWebSocketClient.backpressured, A-field-IWebSocketClient.encrypted,
//   A-field-IWebSocketClient.connectedAt, A-field-IWebSocketClient.metadata,
//   A-type-MetadataType, A-arg-getClients.id, T11
TEST_F(Queries, AClientIsDescribed) {
  const auto before = system_clock::now();
  const Peer peer = fixture_.peer("", {"lobby"});
  const auto info = server().get_client(peer.id);
  ASSERT_TRUE(info);
  EXPECT_EQ(info->id, peer.id);
  EXPECT_EQ(info->user_id, "alice");
  EXPECT_EQ(info->state, ClientState::authenticated);
  EXPECT_EQ(sorted(info->rooms), sorted({"lobby", "ws-default", "ws-notification", peer.id}));
  EXPECT_FALSE(info->backpressured);
  EXPECT_FALSE(info->encrypted);
  EXPECT_GE(info->connected_at, before - std::chrono::milliseconds(1));
  EXPECT_LE(info->connected_at, system_clock::now());
  ASSERT_TRUE(info->metadata.get<Profile>());
  EXPECT_EQ(info->metadata.get<Profile>()->name, "Al");
  EXPECT_EQ(info->metadata.get<int>(), nullptr);
  EXPECT_EQ(info->server_public_key, "");
  EXPECT_EQ(info->salt, "");
}

// shows: M13, A-field-IWebSocketClient.lastActivity
TEST_F(Queries, EachMessageIsActivityAndAPingIsNone) {
  const Peer peer = fixture_.peer("");
  const auto activity = [&] { return server().get_client(peer.id)->last_activity; };
  // Computed from two clocks, between which the thread may have to wait on a busy machine.
  const auto about_as_old_as = [&](system_clock::time_point then) {
    return activity() - then < std::chrono::milliseconds(40);
  };
  const auto first = activity();
  ServerFixture::await([&] { return system_clock::now() - first > std::chrono::milliseconds(80); });
  peer.socket->send_frame(ws::Opcode::ping, "");
  EXPECT_EQ(peer.socket->receive().kind, client::Event::Kind::pong);
  ServerFixture::await([&] { return about_as_old_as(first); });
  peer.send("heartbeat");
  ServerFixture::await([&] { return !about_as_old_as(first); });
  EXPECT_LE(activity(), system_clock::now() + std::chrono::seconds(1));
}

// shows: A-field-IWebSocketClient.state, M4
TEST_F(Queries, O20TheStateFollowsTheClient) {
  holds_ = true;
  const auto socket = fixture_.connect();
  ServerFixture::await([&] { return server().client_count() == 1; });
  const auto info = [&] { return server().get_clients().at(0); };
  EXPECT_EQ(info().state, ClientState::unauthorized);
  EXPECT_EQ(info().user_id, "");
  EXPECT_TRUE(info().rooms.empty());
  socket->send_text(R"({"event":"authenticate"})");
  ServerFixture::await([&] { return asked_.load(); });
  EXPECT_EQ(info().state, ClientState::authenticating);
  EXPECT_EQ(server().stats().authenticated, 0u);
  (*held_)(Identity{.user_id = "bob"});
  socket->receive();
  EXPECT_EQ(info().state, ClientState::authenticated);
  EXPECT_EQ(info().user_id, "bob");
  ServerFixture::await([&] { return server().stats().authenticated == 1; });
  socket->close();
  ServerFixture::await([&] { return server().get_clients().empty(); });
}

// shows: A-server-getClients, A-server-getClientsByUser, A-server-getClientsByRoom
TEST_F(Queries, ClientsAreListedByUserAndRoomFromAllShards) {
  std::vector<Peer> peers;
  std::vector<std::string> ids;
  for (int i = 0; i < 6; ++i) {
    peers.push_back(fixture_.peer(
        "", i % 2 == 0 ? std::vector<std::string>{"even"} : std::vector<std::string>{}));
    ids.push_back(peers.back().id);
  }
  EXPECT_EQ(ids_of(server().get_clients()), sorted(ids));
  EXPECT_EQ(ids_of(server().get_clients_by_user("alice")), sorted(ids));
  EXPECT_EQ(ids_of(server().get_clients_by_room("ws-default")), sorted(ids));
  EXPECT_EQ(ids_of(server().get_clients_by_room("even")), sorted({ids[0], ids[2], ids[4]}));
  EXPECT_EQ(ids_of(server().get_clients_by_room(ids[3])), sorted({ids[3]}));
  EXPECT_EQ(server().room_size("even"), 3u);
  EXPECT_EQ(server().room_size(ids[3]), 1u);
  EXPECT_EQ(server().client_count(), 6u);
  EXPECT_EQ(server().stats().clients, 6u);
  EXPECT_TRUE(server().in_room(ids[2], "even"));
  EXPECT_FALSE(server().in_room(ids[3], "even"));
}

TEST_F(Queries, WhatIsNotThereIsNothing) {
  const Peer peer = fixture_.peer("");
  for (const std::string& id : {Server::new_client_id(), std::string("nobody"), std::string()}) {
    EXPECT_FALSE(server().get_client(id));
    EXPECT_FALSE(server().in_room(id, "ws-default"));
  }
  for (const char* name : {"nobody", "", "\xff"}) {
    EXPECT_TRUE(server().get_clients_by_user(name).empty());
    EXPECT_TRUE(server().get_clients_by_room(name).empty());
    EXPECT_EQ(server().room_size(name), 0u);
    EXPECT_FALSE(server().in_room(peer.id, name));
  }
}

// shows: A-server-serverId, A-server-getPath, A-option-path
TEST(Server, HasANameOfItsOwnAndAPath) {
  ServerFixture one(1, [](ServerOptions& options) { options.path = "/chat"; });
  ServerFixture other(1);
  EXPECT_EQ(one.server().path(), "/chat");
  EXPECT_EQ(other.server().path(), "/ws");
  EXPECT_EQ(one.server().server_id().size(), 36u);
  EXPECT_EQ(one.server().server_id()[14], '4');
  EXPECT_NE(one.server().server_id(), other.server().server_id());
  client::BlockingClient client;
  EXPECT_FALSE(client.connect(endpoint_of(one.address()), "/chat?x=1"));
  EXPECT_EQ(client.connect(endpoint_of(one.address()), "/ws"), std::errc::connection_refused);
  EXPECT_EQ(client.response().status, 404);
}

// shows: A-option-defaultRooms, T11
TEST(Server, DefaultRoomsAreThoseOfTheOptions) {
  ServerFixture fixture(1,
                        [](ServerOptions& options) { options.session.default_rooms = {"hall"}; });
  const Peer peer = fixture.peer("alice");
  EXPECT_TRUE(fixture.server().in_room(peer.id, "hall"));
  EXPECT_FALSE(fixture.server().in_room(peer.id, "ws-default"));
}

}  // namespace
}  // namespace wscast
