#include "server/channel_interest.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using session::Texts;

class ChannelInterestTest : public testing::Test {
 protected:
  hub::ClientRecord make_record(std::size_t shard) {
    return {ClientId::generate(system_random()), shard, shards_.clock.now(), shards_.clock.wall()};
  }

  FakeShards shards_{2};
  FakeBackplane backplane_{shards_};
  ChannelInterest& interest_ = backplane_.interest;
};

TEST_F(ChannelInterestTest, AClientThatIsToBeConnectedWaitsForItsChannels) {
  const hub::ClientRecord client = make_record(1);
  const std::string id = client.id.text();
  EXPECT_TRUE(interest_.subscribe_client(client, "alice"));
  EXPECT_EQ(
      shards_.executed(kBrokerShard),
      Texts{"subscribe for 1 ws:client:" + id + " ws:room:" + id + " ws:user:alice ws:room:lobby"});
  EXPECT_TRUE(interest_.subscribe_client(client, ""));
  EXPECT_EQ(shards_.executed(kBrokerShard),
            Texts{"subscribe for 1 ws:client:" + id + " ws:room:" + id + " ws:room:lobby"});
}

TEST_F(ChannelInterestTest, AClientThatJoinsWaitsForTheRoomsChannels) {
  EXPECT_TRUE(interest_.subscribe_rooms(make_record(1), {"a", "b"}));
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{"subscribe for 1 ws:room:a ws:room:b"});
}

TEST_F(ChannelInterestTest, NoClientWaitsForABrokerThatDoesNotSubscribeExactly) {
  backplane_.broker.exact = false;
  EXPECT_FALSE(interest_.subscribe_client(make_record(1), "alice"));
  EXPECT_FALSE(interest_.subscribe_rooms(make_record(1), {"a"}));
  interest_.report([](const Interest* interest) { EXPECT_EQ(interest, nullptr); });
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{});
}

TEST_F(ChannelInterestTest, ReportsWhatAChangeOfMembershipAsksFor) {
  interest_.report([](Interest* interest) { *interest = {{"x", "y"}, {"z"}}; });
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{"interest +x +y -z"});
  interest_.report([](Interest* interest) { EXPECT_TRUE(interest->empty()); });
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{}) << "nothing has changed";
}

TEST_F(ChannelInterestTest, AConfirmedClientGoesOnAndItsMembershipKeepsTheChannels) {
  session::World world;
  world.delegate.has_other_servers = true;
  Client& alice = world.enter();
  alice.receive(R"({"event":"join","data":{"rooms":["a","b"]}})");
  while (world.delegate.open.front().hook != session::FakeDelegate::Hook::subscribe) {
    auto& session = *world.delegate.open.front().session;
    const auto rooms = world.delegate.open.front().rooms;
    world.delegate.open.pop_front();
    session.on_hook_started();
    session.on_rooms_result(rooms);
  }
  EXPECT_FALSE(world.hub.in_room(alice.session, "a")) << "before it is confirmed";
  interest_.on_confirmed(
      &alice.session,
      {alice.session.id, {"ws:room:a", "ws:room:b", "ws:user:b"}, {"ws:room:b", "ws:user:b"}});
  EXPECT_TRUE(world.hub.in_room(alice.session, "a"));
  EXPECT_FALSE(world.hub.in_room(alice.session, "b")) << "it was refused";
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{"interest -ws:room:a -ws:room:b -ws:user:b"});
}

TEST_F(ChannelInterestTest, AClientThatIsGoneLeavesNoInterestBehind) {
  interest_.on_confirmed(nullptr, {make_record(1).id, {"ws:room:a"}, {}});
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{"interest -ws:room:a"});
}

}  // namespace
}  // namespace wscast::server
