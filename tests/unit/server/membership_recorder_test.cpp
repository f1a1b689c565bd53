#include "server/membership_recorder.h"

#include <atomic>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"

namespace wscast::server {
namespace {

using Texts = std::vector<std::string>;

class MembershipRecorderTest : public testing::Test {
 protected:
  hub::ClientRecord make_record() {
    return {ClientId::generate(system_random()), 1, shards_.clock.now(), shards_.clock.wall()};
  }

  FakeShards shards_{2};
  FakeBackplane backplane_{shards_};
  ChannelInterest& interest_ = backplane_.interest;
  Directory directory_{2, shards_.clock};
  std::atomic<std::size_t> unauthenticated_{0};
  Counters counters_;
  SessionOptions options_;
  MembershipRecorder recorder_{directory_, interest_, unauthenticated_, options_, counters_};
};

TEST_F(MembershipRecorderTest, TheDirectoryFollowsTheHub) {
  hub::ClientRecord client = make_record();
  recorder_.on_add(client);
  EXPECT_EQ(directory_.shard_of(client.id), 1u);
  recorder_.identify(client, {.user_id = "u"});
  EXPECT_EQ(directory_.shards_of_user("u"), std::vector<std::size_t>{1});
  recorder_.on_join(client, "a");
  EXPECT_TRUE(directory_.in_room(client.id, "a"));
  recorder_.on_leave(client, "a");
  EXPECT_FALSE(directory_.in_room(client.id, "a"));
  recorder_.on_remove(client);
  EXPECT_EQ(directory_.clients(), 0u);
}

TEST_F(MembershipRecorderTest, TheFirstAndTheLastOfAChannelAreReported) {
  hub::ClientRecord client = make_record();
  const std::string id = client.id.text();
  recorder_.on_add(client);
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{});
  recorder_.identify(client, {.user_id = "u"});
  client.state = ClientState::authenticated;
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{"interest +ws:client:" + id + " +ws:user:u"});
  recorder_.on_join(client, "a");
  recorder_.on_leave(client, "a");
  EXPECT_EQ(shards_.executed(kBrokerShard), (Texts{"interest +ws:room:a", "interest -ws:room:a"}));
  recorder_.on_join(client, "b");
  recorder_.on_remove(client);
  EXPECT_EQ(shards_.executed(kBrokerShard),
            (Texts{"interest +ws:room:b", "interest -ws:room:b -ws:client:" + id + " -ws:user:u"}));
}

TEST_F(MembershipRecorderTest, X6OneTooManyOfAUserStaysUnauthenticated) {
  options_.max_clients_per_user = 1;
  hub::ClientRecord one = make_record();
  hub::ClientRecord two = make_record();
  for (auto* client : {&one, &two}) recorder_.on_add(*client);
  EXPECT_TRUE(recorder_.identify(one, {.user_id = "u"}));
  one.state = ClientState::authenticated;
  shards_.executed(kBrokerShard);
  EXPECT_FALSE(recorder_.identify(two, {.user_id = "u"}));
  EXPECT_EQ(unauthenticated_, 1u);
  EXPECT_EQ(shards_.executed(kBrokerShard), Texts{});
  for (auto* client : {&one, &two}) recorder_.on_remove(*client);
  EXPECT_EQ(unauthenticated_, 0u);
}

TEST_F(MembershipRecorderTest, CountsTheUnauthenticated) {
  hub::ClientRecord one = make_record();
  hub::ClientRecord two = make_record();
  recorder_.on_add(one);
  recorder_.on_add(two);
  EXPECT_EQ(unauthenticated_, 2u);
  recorder_.identify(one, {});
  one.state = ClientState::authenticated;
  EXPECT_EQ(unauthenticated_, 1u);
  recorder_.on_remove(one);
  EXPECT_EQ(unauthenticated_, 1u);
  recorder_.on_remove(two);
  EXPECT_EQ(unauthenticated_, 0u);
}

}  // namespace
}  // namespace wscast::server
