#include "server/client_control.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

class ClientControlTest : public testing::Test {
 protected:
  ClientControlTest() {
    directory_.add(alice_);
    directory_.identify(alice_, {.user_id = "alice"});
    options_.hooks.room_occupied = [](const RoomEvent&) {};
    options_.hooks.outbound_transformer = [](const TransformRequest&) {
      return std::optional<Transformed>();
    };
  }
  FakeShards shards_{2};
  Directory directory_{2, shards_.clock};
  FakeBackplane backplane_{shards_};
  ServerOptions options_;
  std::atomic<bool> running_{true};
  RoomOccupancy occupancy_{options_, directory_, shards_.router};
  ClientControl control_{running_,  options_, directory_, shards_.router, backplane_.interest,
                         occupancy_};
  hub::ClientRecord alice_{ClientId::generate(system_random()), 1, shards_.clock.now(),
                           shards_.clock.wall()};
  const std::string id_ = alice_.id.text();
  const std::string nobody_ = ClientId::generate(system_random()).text();
};

TEST_F(ClientControlTest, ARoomThatMayBeOccupiedOrVacatedIsChecked) {
  RoomOccupancy occupancy(options_, directory_, shards_.router);
  ClientControl control(running_, options_, directory_, shards_.router, backplane_.interest,
                        occupancy);
  const auto pending_after = [&](std::error_code) { return occupancy.pending(); };
  EXPECT_EQ(pending_after(control.join_room({.client_id = id_, .room = "a"})), 1u);
  EXPECT_EQ(pending_after(control.leave_room({.client_id = id_, .room = "a"})), 2u);
  EXPECT_EQ(pending_after(control.join_room({.client_id = nobody_, .room = "a"})), 2u);
}

TEST_F(ClientControlTest, MembershipChangesInTheDirectoryAtOnceAndOnTheShardLater) {
  EXPECT_FALSE(control_.join_room({.client_id = id_, .room = "a"}));
  EXPECT_TRUE(directory_.in_room(alice_.id, "a"));
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"interest +ws:room:a"}, {"join a"}}));
  EXPECT_FALSE(control_.leave_room({.client_id = id_, .room = "a"}));
  EXPECT_FALSE(directory_.in_room(alice_.id, "a"));
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{"interest -ws:room:a"}, {"leave a"}}));
}

TEST_F(ClientControlTest, ClosesAClientAndTheClientsOfAUser) {
  EXPECT_FALSE(control_.close_client({.client_id = id_, .code = 4000, .reason = "r"}));
  EXPECT_FALSE(control_.close_user({.user_id = "alice", .code = 4001, .reason = "s"}));
  EXPECT_FALSE(control_.close_user({.user_id = "bob"})) << "has no clients";
  EXPECT_EQ(shards_.executed(),
            (std::vector<Texts>{{}, {"disconnect client 4000 r", "disconnect user alice 4001 s"}}));
}

TEST_F(ClientControlTest, X9ARevokedUsersClientsAreEnded) {
  EXPECT_FALSE(control_.revoke_user({.user_id = "alice"}));
  EXPECT_FALSE(control_.revoke_user({.user_id = "bob"})) << "has no clients";
  EXPECT_EQ(shards_.executed(), (std::vector<Texts>{{}, {"revoke alice"}}));
  hub::ClientRecord two(ClientId::generate(system_random()), 0, shards_.clock.now(),
                        shards_.clock.wall());
  directory_.add(two);
  EXPECT_EQ(directory_.identify(two, {.user_id = "alice"}), hub::IdentifyResult::revoked);
  EXPECT_FALSE(control_.revoke_user({.user_id = "alice", .until = shards_.clock.wall()}));
  EXPECT_EQ(directory_.identify(two, {.user_id = "alice"}), hub::IdentifyResult::identified);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(2)) << "nobody is ended";
  directory_.remove(two);
}

TEST_F(ClientControlTest, EncryptionNeedsATransformer) {
  EXPECT_FALSE(control_.enable_client_encryption(id_));
  EXPECT_EQ(shards_.executed()[1], Texts{"encrypt"});
  options_.hooks.outbound_transformer = {};
  EXPECT_EQ(control_.enable_client_encryption(id_), Errc::no_transformer);
}

TEST_F(ClientControlTest, AnUnknownClientIsAnError) {
  EXPECT_EQ(control_.join_room({.client_id = nobody_, .room = "a"}), Errc::unknown_client);
  EXPECT_EQ(control_.enable_client_encryption(nobody_), Errc::unknown_client);
  EXPECT_EQ(control_.close_client({.client_id = "x"}), Errc::unknown_client);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(2));
}

TEST_F(ClientControlTest, WhatCannotBeSentIsAnError) {
  EXPECT_EQ(control_.join_room({.client_id = id_, .room = ""}), Errc::invalid_text);
  EXPECT_EQ(control_.join_room({.client_id = id_, .room = "\xff"}), Errc::invalid_text);
  EXPECT_EQ(control_.close_client({.client_id = id_, .code = 1005}), Errc::invalid_text);
  EXPECT_EQ(control_.close_user({.user_id = "alice", .reason = "\xff"}), Errc::invalid_text);
  EXPECT_EQ(control_.revoke_user({.user_id = "\xff"}), Errc::invalid_text);
  EXPECT_EQ(control_.revoke_user({}), Errc::invalid_text);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(2));
}

TEST_F(ClientControlTest, O19AStoppedServerChangesNothing) {
  running_ = false;
  EXPECT_EQ(control_.join_room({.client_id = id_, .room = "a"}), Errc::stopped);
  EXPECT_EQ(control_.enable_client_encryption(id_), Errc::stopped);
  EXPECT_EQ(control_.close_client({.client_id = id_}), Errc::stopped);
  EXPECT_EQ(control_.close_user({.user_id = "alice"}), Errc::stopped);
  EXPECT_EQ(control_.revoke_user({.user_id = "alice"}), Errc::stopped);
  EXPECT_EQ(shards_.executed(), std::vector<Texts>(2));
}

}  // namespace
}  // namespace wscast::server
