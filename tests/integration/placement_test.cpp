// Clients on chosen shards: what is sent, and in which order it comes, is the same wherever they
// are.

#include <array>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "wscast/json_fields.h"

#include "integration/server_fixture.h"

namespace wscast {
namespace {

constexpr std::string_view kRoom = "lobby";

/// One client after the other goes to the next shard. What a client sends makes the server send
/// its `data`, as an `n` message, in the way that `event` says, from that client's shard.
class Placement : public testing::TestWithParam<std::size_t> {
 protected:
  Placement()
      : fixture_(GetParam(), [this](ServerOptions& options) {
          options.hooks.message = [this](const ClientMessage& message) {
            call(message.event, message.data, std::string(message.client_id));
          };
        }) {
    fixture_.spread();
  }

  Server& server() { return fixture_.server(); }

  void call(std::string_view way, const Json& data, const std::string& self) {
    if (way == "clients") {
      for (const auto& id : receivers_) {
        EXPECT_TRUE(server().send_to_client({.client_id = id, .event = "n", .data = data}));
      }
    } else if (way == "user") {
      EXPECT_FALSE(server().send_to_user({.user_id = "crowd", .event = "n", .data = data}));
    } else if (way == "room") {
      EXPECT_FALSE(server().send_to_room({.room = kRoom, .event = "n", .data = data}));
    } else if (way == "broadcast") {
      EXPECT_FALSE(server().broadcast({.event = "n", .data = data, .exclude = {self}}));
    } else {
      EXPECT_FALSE(server().send({.destination = kRoom, .event = "n", .data = data}));
    }
  }

  static constexpr std::array<std::string_view, 5> kWays = {"clients", "user", "room", "broadcast",
                                                            "send"};

  /// Clients of the user `crowd`, in the room.
  std::vector<Peer> crowd(std::size_t count) {
    std::vector<Peer> made;
    for (std::size_t i = 0; i < count; ++i) {
      made.push_back(fixture_.peer("crowd", {std::string(kRoom)}));
      receivers_.push_back(made.back().id);
    }
    return made;
  }

  bool several_shards() const { return GetParam() > 1; }
  std::uint64_t posts() { return fixture_.count(Counter::posts_between_shards); }

  std::vector<std::string> receivers_;
  ServerFixture fixture_;
};

// shows: D1, D2, D3, D5, D8, A-server-sendToClient, A-server-sendToUser, A-server-sendToRoom,
//   A-server-broadcast
TEST_P(Placement, EachKindOfSendReachesEveryShard) {
  const Peer sender = fixture_.peer("sender");
  const auto peers = crowd(9);
  for (const auto way : kWays) {
    const auto before = posts();
    sender.send(way, R"("x")");
    for (const Peer& peer : peers) ASSERT_EQ(peer.next(), message("n", R"("x")")) << way;
    EXPECT_EQ(posts() > before, several_shards()) << way;
  }
  EXPECT_EQ(server().room_size(kRoom), 9u);
  EXPECT_EQ(server().get_clients_by_user("crowd").size(), 9u);
  EXPECT_EQ(server().client_count(), 10u);
}

TEST_P(Placement, OrderFromOneClientHoldsAtEveryMemberOverAllKindsOfSends) {
  const Peer sender = fixture_.peer("sender");
  const auto peers = crowd(9);
  const auto before = posts();
  constexpr int count = 500;
  for (int i = 0; i < count; ++i) {
    sender.send(kWays[static_cast<std::size_t>(i) % kWays.size()], std::to_string(i));
  }
  for (const Peer& peer : peers) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(peer.next(), message("n", std::to_string(i)));
  }
  EXPECT_EQ(posts() > before, several_shards());
}

TEST_P(Placement, OrderFromOneThreadHoldsAtEveryMemberOverAllKindsOfSends) {
  const auto peers = crowd(9);
  constexpr int count = 500;
  std::thread thread([this] {
    for (int i = 0; i < count; ++i) {
      const std::string data = std::to_string(i);
      call(kWays[static_cast<std::size_t>(i) % kWays.size()], Json::text(data), "");
    }
  });
  thread.join();
  for (const Peer& peer : peers) {
    for (int i = 0; i < count; ++i) ASSERT_EQ(peer.next(), message("n", std::to_string(i)));
  }
}

TEST_P(Placement, TwoClientsOfOneShardAndTwoOfOthersReachEachOther) {
  std::vector<Peer> peers;
  for (std::size_t i = 0; i <= GetParam(); ++i) {  // The last one is on the first one's shard.
    peers.push_back(fixture_.peer("u" + std::to_string(i), {std::string(kRoom)}));
  }
  for (const Peer& sender : peers) {
    sender.send("room", "\"" + sender.id + "\"");
    for (const Peer& peer : peers) ASSERT_EQ(peer.next(), message("n", "\"" + sender.id + "\""));
  }
}

// shows: D8, A-server-joinRoom, A-server-leaveRoom
TEST_P(Placement, MembershipCountsForTheCallersNextMessageOnAnyShard) {
  const auto peers = crowd(8);
  const auto say = [&](std::string_view data) {
    ASSERT_FALSE(server().send_to_room({.room = "side", .event = "n", .data = Json::text(data)}));
  };
  for (const Peer& peer : peers) {
    const Membership membership{.client_id = peer.id, .room = "side"};
    say("0");
    ASSERT_FALSE(server().join_room(membership));
    say("1");
    ASSERT_FALSE(server().leave_room(membership));
    say("2");
    ASSERT_FALSE(server().join_room(membership));
    say("3");
    ASSERT_FALSE(server().leave_room(membership));
    EXPECT_TRUE(server().send_to_client({.client_id = peer.id, .event = "end"}));
    ASSERT_EQ(peer.next(), message("n", "1"));
    ASSERT_EQ(peer.next(), message("n", "3"));
    ASSERT_EQ(peer.next(), R"({"event":"end"})");
  }
}

TEST_P(Placement, AClosedUsersClientsLeaveEveryShard) {
  const auto peers = crowd(9);
  EXPECT_FALSE(server().close_user({.user_id = "crowd", .code = 4444, .reason = "bye"}));
  for (const Peer& peer : peers) peer.expect_close(4444, "bye");
  EXPECT_EQ(server().get_clients_by_user("crowd").size(), 0u);
  EXPECT_EQ(server().room_size(kRoom), 0u);
  EXPECT_EQ(server().client_count(), 0u);
}

INSTANTIATE_TEST_SUITE_P(Shards, Placement, testing::Values(1, 3, 8),
                         testing::PrintToStringParamName());

}  // namespace
}  // namespace wscast
