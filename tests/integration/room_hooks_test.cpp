// The hooks joined, left, room_occupied and room_vacated.

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "integration/server_fixture.h"

namespace wscast {
namespace {

using Texts = std::vector<std::string>;

/// What the hooks of a server report, in the order of their calls.
class Reports {
 public:
  /// As it is for ServerFixture; call it once.
  ServerFixture::Adjust adjust(bool memberships = true) {
    return [this, memberships](ServerOptions& options) {
      options.transport.close_timeout = std::chrono::milliseconds(100);  // Peers do not reply.
      Hooks& hooks = options.hooks;
      if (memberships) {
        hooks.joined = [this](const MembershipEvent& event) { note(event, "joined "); };
        hooks.left = [this](const MembershipEvent& event) { note(event, "left "); };
        hooks.disconnected = [this](const ClientEvent& event) {
          note(event.user_id, "disconnected");
        };
      }
      hooks.room_occupied = [this](const RoomEvent& event) { note(event.room, "occupied"); };
      hooks.room_vacated = [this](const RoomEvent& event) { note(event.room, "vacated"); };
    };
  }

  /// What was reported of a user or room so far.
  Texts of(const std::string& name) const {
    const std::lock_guard lock(mutex_);
    const auto found = by_name_.find(name);
    return found == by_name_.end() ? Texts{} : found->second;
  }

  /// Waits until that much was reported of it.
  Texts await(const std::string& name, std::size_t count) const {
    ServerFixture::await([&] { return of(name).size() >= count; });
    return of(name);
  }

  std::map<std::string, Texts> all() const {
    const std::lock_guard lock(mutex_);
    return by_name_;
  }

 private:
  void note(std::string_view name, std::string text) {
    const std::lock_guard lock(mutex_);
    by_name_[std::string(name)].push_back(std::move(text));
  }
  void note(const MembershipEvent& event, const std::string& verb) {
    note(event.user_id, verb + std::string(event.room));
  }

  mutable std::mutex mutex_;
  std::map<std::string, Texts> by_name_;
};

class RoomHooksTest : public testing::Test {
 protected:
  RoomHooksTest() : fixture_(3, reports_.adjust()) { fixture_.spread(); }

  Server& server() { return fixture_.server(); }

  Reports reports_;
  ServerFixture fixture_;
};

TEST_F(RoomHooksTest, WhatAClientDoesIsReportedInOrder) {
  Peer alice;
  alice.socket = fixture_.authenticate("alice", &alice.id);
  alice.send("join", R"({"rooms":["a","b","a","ws-default"]})");
  alice.send("join", R"({"rooms":["a"]})");
  alice.send("leave", R"({"rooms":["a","elsewhere","ws-notification"]})");
  alice.send("join", R"({"rooms":["a"]})");
  EXPECT_EQ(reports_.await("alice", 4), (Texts{"joined a", "joined b", "left a", "joined a"}));
  reports_.await("b", 1);  // What is undone before is not reported.
  alice.socket->close();
  Texts end = reports_.await("alice", 7);
  EXPECT_EQ(end.back(), "disconnected");
  end = Texts(end.begin() + 4, end.end() - 1);
  EXPECT_TRUE(end == (Texts{"left a", "left b"}) || end == (Texts{"left b", "left a"}));
  EXPECT_EQ(reports_.await("b", 2), (Texts{"occupied", "vacated"}));
  EXPECT_TRUE(reports_.of("ws-default").empty());
  EXPECT_TRUE(reports_.of("ws-notification").empty());
  EXPECT_TRUE(reports_.of(alice.id).empty());
}

TEST_F(RoomHooksTest, WhatTheApplicationDoesIsReportedToo) {
  const Peer alice = fixture_.peer("alice", {"a"});
  EXPECT_FALSE(server().join_room({.client_id = alice.id, .room = "a"}));
  EXPECT_FALSE(server().leave_room({.client_id = alice.id, .room = "a"}));
  EXPECT_FALSE(server().leave_room({.client_id = alice.id, .room = alice.id}));
  EXPECT_EQ(reports_.await("alice", 2), (Texts{"joined a", "left a"}));
  EXPECT_FALSE(server().join_room({.client_id = alice.id, .room = "b"}));
  reports_.await("b", 1);
  EXPECT_FALSE(server().close_client({.client_id = alice.id}));
  EXPECT_EQ(reports_.await("alice", 5),
            (Texts{"joined a", "left a", "joined b", "left b", "disconnected"}));
  EXPECT_EQ(reports_.await("b", 2), (Texts{"occupied", "vacated"}));
}

TEST_F(RoomHooksTest, ARoomIsOccupiedWhileAnyShardHasAMember) {
  const auto one = fixture_.join("one", "a");
  auto two = fixture_.join("two", "a");
  const auto three = fixture_.join("three", "a");
  two.reset();
  reports_.await("two", 3);
  one->close();
  reports_.await("one", 3);
  EXPECT_EQ(reports_.await("a", 1), Texts{"occupied"});
  three->close();
  EXPECT_EQ(reports_.await("a", 2), (Texts{"occupied", "vacated"}));
}

TEST_F(RoomHooksTest, O19WhenTheServerStopsAllEndsAreReported) {
  std::vector<Peer> peers;
  for (int i = 0; i < 30; ++i) {
    peers.push_back(fixture_.peer("user" + std::to_string(i), {"a", "b" + std::to_string(i)}));
  }
  reports_.await("a", 1);
  for (int i = 0; i < 30; ++i) reports_.await("b" + std::to_string(i), 1);
  server().shutdown();
  server().wait();
  for (int i = 0; i < 30; ++i) {
    const std::string number = std::to_string(i);
    const Texts seen = reports_.of("user" + number);
    ASSERT_EQ(seen.size(), 5u) << number;
    EXPECT_EQ(seen.back(), "disconnected");
    EXPECT_EQ(reports_.of("b" + number), (Texts{"occupied", "vacated"})) << number;
  }
  EXPECT_EQ(reports_.of("a"), (Texts{"occupied", "vacated"}));
}

/// Each name's reports are pairs: `first`, and `second` next.
void expect_pairs(const Texts& reports, const std::string& first, const std::string& second) {
  ASSERT_EQ(reports.size() % 2, 0u);
  for (std::size_t i = 0; i < reports.size(); i += 2) {
    EXPECT_EQ(reports[i], first);
    EXPECT_EQ(reports[i + 1], second);
  }
}

TEST(RoomHooks, ReportsOfARoomAlternateWhateverTheThreads) {
  Reports reports;
  ServerFixture fixture(3, reports.adjust(false));
  fixture.spread();
  std::vector<Peer> peers;
  for (int i = 0; i < 9; ++i) peers.push_back(fixture.peer("user" + std::to_string(i)));
  for (const char* room : {"a", "b"}) {
    EXPECT_FALSE(fixture.server().join_room({.client_id = peers[0].id, .room = room}));
    reports.await(room, 1);
  }
  const auto change = [&](unsigned seed) {
    std::minstd_rand random(seed);
    for (int step = 0; step < 3'000; ++step) {
      const Membership membership{.client_id = peers[random() % peers.size()].id,
                                  .room = random() % 2 == 0 ? "a" : "b"};
      if (random() % 2 == 0) {
        fixture.server().join_room(membership);
      } else {
        fixture.server().leave_room(membership);
      }
    }
  };
  std::thread other(change, 1);
  change(2);
  other.join();
  fixture.server().shutdown();
  fixture.server().wait();
  for (const std::string room : {"a", "b"}) {
    EXPECT_FALSE(reports.of(room).empty());
    expect_pairs(reports.of(room), "occupied", "vacated");
  }
}

TEST(RoomHooks, MembershipsOfAClientAlternateWhateverTheThreads) {
  Reports reports;
  ServerFixture fixture(3, reports.adjust());
  fixture.spread();
  std::vector<Peer> peers;
  for (int i = 0; i < 3; ++i) peers.push_back(fixture.peer("user" + std::to_string(i)));
  const auto change = [&](bool in) {
    for (int step = 0; step < 3'000; ++step) {
      const Membership membership{.client_id = peers[step % peers.size()].id, .room = "a"};
      in ? fixture.server().join_room(membership) : fixture.server().leave_room(membership);
    }
  };
  std::thread other(change, true);
  change(false);
  other.join();
  fixture.server().shutdown();
  fixture.server().wait();
  for (int i = 0; i < 3; ++i) {
    Texts seen = reports.of("user" + std::to_string(i));
    ASSERT_FALSE(seen.empty());
    EXPECT_EQ(seen.back(), "disconnected");
    seen.pop_back();
    expect_pairs(seen, "joined a", "left a");
  }
}

}  // namespace
}  // namespace wscast
