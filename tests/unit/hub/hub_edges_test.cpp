#include <array>
#include <memory>

#include <gtest/gtest.h>

#include "hub/hub.h"

namespace wscast::hub {
namespace {

class CountingMember final : public Member {
 public:
  explicit CountingMember(const ClientId& client = ClientId::generate(system_random()))
      : Member(client, 0, SteadyTime(), WallTime()) {}

  int deliver(const ws::FrameRef&, Address) noexcept override {
    ++received;
    return result;
  }

  int received = 0;
  int result = 1;
};

class CountingWatcher final : public MembershipObserver {
 public:
  void on_add(ClientRecord&) override {}
  void on_remove(ClientRecord&) noexcept override {}
  IdentifyResult identify(ClientRecord& client, ClientIdentity identity) override {
    client.identity = std::move(identity);
    return IdentifyResult::identified;
  }
  void renew(ClientRecord& client, Metadata metadata) override {
    client.identity.metadata = std::move(metadata);
  }
  void on_join(ClientRecord&, std::string_view) override { ++changes; }
  void on_leave(ClientRecord&, std::string_view) noexcept override { ++changes; }

  int changes = 0;
};

class HubEdges : public testing::Test {
 protected:
  void open(CountingMember& member, std::string user = {}) {
    EXPECT_TRUE(hub_.add(member));
    hub_.authenticate(member, {.user_id = std::move(user)});
  }

  CountingWatcher observer_;
  Hub hub_{observer_};
  ws::FrameRef frame_ = ws::make_frame(ws::Opcode::text, "x");
};

TEST_F(HubEdges, O16WhoWentIsInNoRoomAndOfNoUser) {
  CountingMember client;
  open(client, "alice");
  hub_.join(client, "lobby");
  hub_.remove(client);
  EXPECT_EQ(hub_.room_count(client), 0u);
  EXPECT_FALSE(hub_.in_room(client, client.id.text())) << "nor in its own";
  EXPECT_TRUE(hub_.members_of_user("alice").empty());
}

TEST_F(HubEdges, D3WhoLeavesLeavesWhoeverLeftBefore) {
  std::array<CountingMember, 3> clients;
  for (auto& client : clients) {
    open(client);
    hub_.join(client, "lobby");
  }
  hub_.leave(clients[0], "lobby");
  hub_.leave(clients[2], "lobby");
  EXPECT_EQ(hub_.to_room("lobby", frame_, {}).accepted, 1u);
  EXPECT_EQ(clients[1].received, 1);
  EXPECT_EQ(clients[2].received, 0);
  for (auto& client : clients) hub_.remove(client);
}

TEST_F(HubEdges, O21AnIdIsTakenOnce) {
  CountingMember first;
  CountingMember second(first.id);
  EXPECT_TRUE(hub_.add(first));
  EXPECT_FALSE(hub_.add(second));
  EXPECT_EQ(hub_.find(first.id), &first);
  hub_.remove(second);
  EXPECT_EQ(hub_.find(first.id), &first) << "the other was never here";
  hub_.remove(first);
}

TEST_F(HubEdges, D2AUserIsReachedThroughWhicheverClientsAreLeft) {
  for (const std::size_t gone : {0u, 1u, 2u}) {
    std::array<CountingMember, 3> clients;
    for (auto& client : clients) open(client, "alice");
    hub_.remove(clients[gone]);
    EXPECT_EQ(hub_.to_user("alice", frame_).accepted, 2u);
    EXPECT_EQ(clients[gone].received, 0);
    for (auto& client : clients) hub_.remove(client);
    EXPECT_TRUE(hub_.members_of_user("alice").empty());
  }
}

TEST_F(HubEdges, M17AnEmptyUserIdIsNone) {
  CountingMember client;
  open(client, "");
  EXPECT_EQ(hub_.to_user("", frame_).accepted, 0u);
  hub_.remove(client);
}

TEST_F(HubEdges, TopicsAreNoRooms) {
  CountingMember client;
  open(client);
  hub_.subscribe(client, "news");
  EXPECT_EQ(hub_.room_count(client), 1u) << "the room of its own id";
  EXPECT_FALSE(hub_.in_room(client, "news"));
  EXPECT_TRUE(hub_.is_subscribed(client, "news"));
  EXPECT_EQ(hub_.to_room("news", frame_, {}).accepted, 0u);
  hub_.unsubscribe(client, "news");
  EXPECT_EQ(hub_.subscribers("news"), nullptr);
  hub_.subscribe(client, "news");
  hub_.remove(client);
  EXPECT_EQ(hub_.subscribers("news"), nullptr);
}

TEST_F(HubEdges, FollowingIsNotTold) {
  CountingMember client;
  open(client);
  observer_.changes = 0;
  hub_.follow(client, "lobby", true);
  EXPECT_TRUE(hub_.in_room(client, "lobby"));
  hub_.follow(client, "lobby", false);
  EXPECT_FALSE(hub_.in_room(client, "lobby"));
  EXPECT_EQ(observer_.changes, 0);
  hub_.remove(client);
}

TEST_F(HubEdges, D4TheExcludedAreSkippedInTheRoomOfAnIdToo) {
  CountingMember client;
  open(client);
  const std::array exclude = {client.id};
  EXPECT_EQ(hub_.to_room(client.id.text(), frame_, exclude).accepted, 0u);
  EXPECT_EQ(client.received, 0);
  hub_.remove(client);
}

TEST_F(HubEdges, T12WhatWaitsBehindOtherBytesIsAccepted) {
  CountingMember client;
  open(client);
  client.result = -1;
  EXPECT_EQ(hub_.broadcast(frame_, {}).accepted, 1u);
  hub_.remove(client);
}

}  // namespace
}  // namespace wscast::hub
