#include "hub/hub.h"

#include <algorithm>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::hub {
namespace {

class FakeMember final : public Member {
 public:
  FakeMember() : Member(ClientId::generate(system_random()), 0, SteadyTime(), WallTime()) {}

  int deliver(const ws::FrameRef&, Address) noexcept override {
    ++received;
    return takes ? 1 : 0;
  }

  int received = 0;
  bool takes = true;
};

class FakeWatcher final : public MembershipObserver {
 public:
  void on_add(ClientRecord& client) override { clients.insert(client.id.text()); }
  void on_remove(ClientRecord& client) noexcept override {
    clients.erase(client.id.text());
    for (auto& [room, members] : rooms) members.erase(client.id.text());
  }
  IdentifyResult identify(ClientRecord& client, ClientIdentity identity) override {
    client.identity = std::move(identity);
    return identified;
  }
  void renew(ClientRecord& client, Metadata metadata) override {
    client.identity.metadata = std::move(metadata);
  }
  void on_join(ClientRecord& client, std::string_view room) override {
    rooms[std::string(room)].insert(client.id.text());
  }
  void on_leave(ClientRecord& client, std::string_view room) noexcept override {
    rooms[std::string(room)].erase(client.id.text());
    left.emplace_back(room);
  }
  bool notes_each_leave() const noexcept override { return notes_leaves; }

  IdentifyResult identified = IdentifyResult::identified;
  bool notes_leaves = false;
  std::vector<std::string> left;  ///< Rooms, in order.
  std::set<std::string> clients;
  std::map<std::string, std::set<std::string>, std::less<>> rooms;
};

class HubTest : public testing::Test {
 protected:
  std::unique_ptr<FakeMember> client(std::string_view user = {}, bool authenticated = true) {
    auto made = std::make_unique<FakeMember>();
    hub_.add(*made);
    if (authenticated) hub_.authenticate(*made, {.user_id = std::string(user)});
    return made;
  }

  FakeWatcher observer_;
  Hub hub_{observer_};
  ws::FrameRef frame_ = ws::make_frame(ws::Opcode::text, "x");
};

// shows: D3
TEST_F(HubTest, ARoomMessageReachesItsMembersAndNobodyElse) {
  const auto in = client();
  const auto out = client();
  EXPECT_TRUE(hub_.join(*in, "lobby"));
  EXPECT_FALSE(hub_.join(*in, "lobby")) << "it is there already";
  EXPECT_EQ(hub_.to_room("lobby", frame_, {}).accepted, 1u);
  EXPECT_EQ(in->received, 1);
  EXPECT_EQ(out->received, 0);
  EXPECT_TRUE(hub_.leave(*in, "lobby"));
  EXPECT_FALSE(hub_.leave(*in, "lobby"));
  EXPECT_EQ(hub_.to_room("lobby", frame_, {}).accepted, 0u);
  for (const auto& one : {in.get(), out.get()}) hub_.remove(*one);
}

TEST_F(HubTest, D4TheExcludedAreSkipped) {
  const auto a = client();
  const auto b = client();
  hub_.join(*a, "lobby");
  hub_.join(*b, "lobby");
  const std::vector<ClientId> exclude{a->id};
  EXPECT_EQ(hub_.to_room("lobby", frame_, exclude).accepted, 1u);
  EXPECT_EQ(hub_.broadcast(frame_, exclude).accepted, 1u);
  EXPECT_EQ(a->received, 0);
  EXPECT_EQ(b->received, 2);
  for (const auto& one : {a.get(), b.get()}) hub_.remove(*one);
}

TEST_F(HubTest, X6AClientThatTheObserverRefusesIsNotAuthenticated) {
  const auto one = client({}, false);
  observer_.identified = IdentifyResult::too_many_clients;
  EXPECT_EQ(hub_.authenticate(*one, {.user_id = "alice"}), IdentifyResult::too_many_clients);
  EXPECT_EQ(one->state, ClientState::unauthorized);
  EXPECT_EQ(hub_.authenticated(), 0u);
  EXPECT_FALSE(hub_.in_room(*one, one->id.text()));
  EXPECT_TRUE(hub_.members_of_user("alice").empty());
  observer_.identified = IdentifyResult::identified;
  EXPECT_EQ(hub_.authenticate(*one, {.user_id = "alice"}), IdentifyResult::identified);
  hub_.remove(*one);
}

TEST_F(HubTest, X4RenewingChangesTheMetadataAlone) {
  const auto alice = client("alice");
  hub_.renew(*alice, Metadata::of(3));
  EXPECT_EQ(*alice->identity.metadata.get<int>(), 3);
  EXPECT_EQ(hub_.members_of_user("alice").size(), 1u);
  hub_.remove(*alice);
}

TEST_F(HubTest, TheEndOfAClientLeavesEachRoomIfThatIsNoted) {
  for (const bool noted : {false, true}) {
    observer_.notes_leaves = noted;
    observer_.left.clear();
    const auto alice = client("alice");
    const auto bob = client("bob");
    for (const std::string room : {"a", "b", "c"}) {
      hub_.join(*alice, room);
      hub_.subscribe(*alice, room);
      hub_.subscribe(*alice, "topic " + room);
    }
    hub_.join(*bob, "b");
    hub_.remove(*alice);
    std::ranges::sort(observer_.left);
    EXPECT_EQ(observer_.left,
              noted ? (std::vector<std::string>{"a", "b", "c"}) : std::vector<std::string>{});
    EXPECT_EQ(hub_.to_room("a", frame_, {}).accepted, 0u);
    EXPECT_EQ(hub_.to_room("b", frame_, {}).accepted, 1u);
    EXPECT_EQ(hub_.subscribers("topic a"), nullptr);
    EXPECT_EQ(hub_.subscribers("a"), nullptr);
    hub_.remove(*bob);
  }
}

TEST_F(HubTest, FollowingReturnsWhetherItChangedAnything) {
  const auto alice = client();
  EXPECT_TRUE(hub_.follow(*alice, "a", true));
  EXPECT_FALSE(hub_.follow(*alice, "a", true));
  EXPECT_TRUE(hub_.follow(*alice, "a", false));
  EXPECT_FALSE(hub_.follow(*alice, "a", false));
  EXPECT_FALSE(hub_.follow(*alice, alice->id.text(), true));
  hub_.remove(*alice);
}

TEST_F(HubTest, D5ABroadcastReachesTheAuthenticated) {
  const auto known = client();
  const auto stranger = client({}, false);
  EXPECT_EQ(hub_.broadcast(frame_, {}).accepted, 1u);
  EXPECT_EQ(stranger->received, 0);
  EXPECT_EQ(hub_.authenticated(), 1u);
  EXPECT_EQ(hub_.clients(), 2u);
  for (const auto& one : {known.get(), stranger.get()}) hub_.remove(*one);
}

TEST_F(HubTest, UsersRoomsAndClientsAreThreeNamespaces) {
  const auto alice = client("lobby");
  const auto bob = client("bob");
  hub_.join(*bob, "lobby");
  hub_.to_user("lobby", frame_);
  EXPECT_EQ(alice->received, 1);
  EXPECT_EQ(bob->received, 0);
  hub_.to_room("lobby", frame_, {});
  EXPECT_EQ(alice->received, 1);
  EXPECT_EQ(bob->received, 1);
  for (const auto& one : {alice.get(), bob.get()}) hub_.remove(*one);
}

TEST_F(HubTest, M17AClientIsInTheRoomOfItsOwnId) {
  const auto alice = client();
  const std::string own = alice->id.text();
  EXPECT_TRUE(hub_.in_room(*alice, own));
  EXPECT_EQ(hub_.to_room(own, frame_, {}).accepted, 1u);
  EXPECT_TRUE(hub_.leave(*alice, own));
  EXPECT_EQ(hub_.to_room(own, frame_, {}).accepted, 0u);
  EXPECT_EQ(hub_.find(alice->id), alice.get()) << "its id still names it";
  hub_.remove(*alice);
  EXPECT_EQ(hub_.find(alice->id), nullptr);
}

TEST_F(HubTest, ADroppedMessageIsNotCountedAsAccepted) {
  const auto deaf = client();
  deaf->takes = false;
  const Delivered delivered = hub_.broadcast(frame_, {});
  EXPECT_EQ(delivered.accepted, 0u);
  EXPECT_EQ(delivered.dropped, 1u);
  hub_.remove(*deaf);
}

TEST_F(HubTest, AnyOrderOfJoinsAndLeavesAgreesWithSets) {
  std::minstd_rand random(7);
  std::map<std::string, std::set<std::string>, std::less<>> model;
  std::vector<std::unique_ptr<FakeMember>> clients;
  for (int i = 0; i < 8; ++i) clients.push_back(client("user" + std::to_string(i % 3)));
  for (auto& rooms : observer_.rooms) model[rooms.first] = rooms.second;
  for (int step = 0; step < 5000; ++step) {
    FakeMember& one = *clients[random() % clients.size()];
    const std::string room = "room" + std::to_string(random() % 5);
    if (random() % 2 == 0) {
      EXPECT_EQ(hub_.join(one, room), model[room].insert(one.id.text()).second);
    } else {
      EXPECT_EQ(hub_.leave(one, room), model[room].erase(one.id.text()) > 0);
    }
    ASSERT_EQ(hub_.to_room(room, frame_, {}).accepted, model[room].size());
  }
  for (const auto& one : clients) hub_.remove(*one);
  for (const auto& [room, members] : observer_.rooms) EXPECT_TRUE(members.empty()) << room;
  EXPECT_TRUE(observer_.clients.empty());
  EXPECT_EQ(hub_.authenticated(), 0u);
}

}  // namespace
}  // namespace wscast::hub
