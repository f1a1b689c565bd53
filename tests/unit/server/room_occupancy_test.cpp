#include "server/room_occupancy.h"

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"
#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

ServerOptions with_hooks() {
  ServerOptions options;
  options.hooks.room_occupied = [](const RoomEvent&) {};
  return options;
}

/// Rooms of two shards; a check is where it belongs when it is executed there.
class RoomOccupancyTest : public testing::Test {
 protected:
  explicit RoomOccupancyTest(ServerOptions options = with_hooks()) : options_(std::move(options)) {}

  hub::ClientRecord& add() {
    auto made = std::make_unique<hub::ClientRecord>(ClientId::generate(system_random()), 1,
                                                    shards_.clock.now(), shards_.clock.wall());
    directory_.add(*made);
    return *records_.emplace_back(std::move(made));
  }

  /// What both shards are to check.
  Texts checks() {
    Texts all;
    for (const auto& texts : shards_.executed()) all.insert(all.end(), texts.begin(), texts.end());
    return all;
  }

  FakeShards shards_{2};
  std::vector<std::unique_ptr<hub::ClientRecord>> records_;
  Directory directory_{2, shards_.clock};
  const ServerOptions options_;
  RoomOccupancy occupancy_{options_, directory_, shards_.router};
};

class WithoutHooks : public RoomOccupancyTest {
 protected:
  WithoutHooks() : RoomOccupancyTest(ServerOptions()) {}
};

TEST_F(RoomOccupancyTest, ARoomHasOneShard) {
  for (int i = 0; i < 20; ++i) {
    const std::string room = "room " + std::to_string(i);
    for (const std::size_t from : {0, 1}) {
      shards_.on(from, [&] { occupancy_.on_entered(room); });
    }
    const auto executed = shards_.executed();
    const Texts twice = {"check " + room, "check " + room};
    EXPECT_TRUE(executed == (std::vector<Texts>{twice, {}}) ||
                executed == (std::vector<Texts>{{}, twice}))
        << room;
  }
  EXPECT_EQ(occupancy_.pending(), 40u);
}

TEST_F(RoomOccupancyTest, OnlyALastMembersEndIsChecked) {
  hub::ClientRecord& alice = add();
  directory_.join(alice.id, "a");
  occupancy_.on_exited("a");
  EXPECT_EQ(checks(), Texts{});
  directory_.leave(alice.id, "a");
  occupancy_.on_exited("a");
  EXPECT_EQ(checks(), Texts{"check a"});
}

TEST_F(RoomOccupancyTest, DefaultRoomsAreNot) {
  occupancy_.on_entered("ws-default");
  occupancy_.on_exited("ws-notification");
  EXPECT_EQ(checks(), Texts{});
  EXPECT_EQ(occupancy_.pending(), 0u);
}

TEST_F(WithoutHooks, NothingIs) {
  EXPECT_FALSE(occupancy_.wanted());
  occupancy_.on_entered("a");
  occupancy_.on_exited("a");
  EXPECT_EQ(checks(), Texts{});
  EXPECT_EQ(occupancy_.pending(), 0u);
}

TEST_F(RoomOccupancyTest, ReportsAlternate) {
  hub::ClientRecord& alice = add();
  hub::ClientRecord& bob = add();
  EXPECT_EQ(occupancy_.settle("a"), std::nullopt);
  directory_.join(alice.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), true);
  directory_.join(bob.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), std::nullopt);
  directory_.leave(alice.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), std::nullopt);
  directory_.leave(bob.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), false);
  EXPECT_EQ(occupancy_.settle("a"), std::nullopt);
}

TEST_F(RoomOccupancyTest, WhatWasUndoneMeanwhileIsNotReported) {
  hub::ClientRecord& alice = add();
  directory_.join(alice.id, "a");
  directory_.leave(alice.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), std::nullopt);
  directory_.join(alice.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), true);
  directory_.leave(alice.id, "a");
  directory_.join(alice.id, "a");
  EXPECT_EQ(occupancy_.settle("a"), std::nullopt);
}

TEST_F(RoomOccupancyTest, AClientIsNoMemberOfItsOwnRoom) {
  hub::ClientRecord& alice = add();
  hub::ClientRecord& bob = add();
  const std::string own = alice.id.text();
  EXPECT_FALSE(directory_.join(alice.id, own));
  EXPECT_EQ(occupancy_.settle(own), std::nullopt);
  EXPECT_TRUE(directory_.join(bob.id, own));
  EXPECT_EQ(occupancy_.settle(own), true);
}

TEST_F(RoomOccupancyTest, WithoutMemoryNothingIsSettledAndACheckIsCounted) {
  hub::ClientRecord& alice = add();
  const std::string room = "a room whose name fits into no small string";
  directory_.join(alice.id, room);
  EXPECT_GT(test::fail_each_allocation([&] { EXPECT_EQ(occupancy_.settle(room), true); }), 0);

  test::AllocationFaults::watch_this_thread();
  test::AllocationFaults::arm(1);
  occupancy_.on_entered(room);
  EXPECT_TRUE(test::AllocationFaults::disarm());
  test::AllocationFaults::watch_this_thread(false);
  EXPECT_EQ(occupancy_.pending(), 0u);
  Stats stats;
  occupancy_.add_to(stats);
  EXPECT_EQ(stats[Counter::dropped_out_of_memory], 1u);
}

}  // namespace
}  // namespace wscast::server
