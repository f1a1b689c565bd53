#include "server/topics.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using session::Texts;

class TopicsTest : public testing::Test {
 protected:
  /// Publishes on shard 1, and returns what each shard is to execute.
  std::vector<Texts> publish(Topics& topics, const Client& client) {
    shards_.on(1, [&] { topics.publish(client.session, "t", "text"); });
    return shards_.executed();
  }
  hub::Delivered deliver(hub::Exclude exclude = {}) {
    return topics_.deliver("t", ws::make_frame(ws::Opcode::text, "text"), exclude);
  }

  session::World world_;
  FakeShards shards_{3, 1'000};
  Topics topics_{world_.hub, shards_.router, false};
};

TEST_F(TopicsTest, AClientIsSubscribedUntilItUnsubscribes) {
  Client& alice = world_.enter();
  EXPECT_FALSE(topics_.is_subscribed(alice.session, "t"));
  topics_.subscribe(alice.session, "t");
  EXPECT_TRUE(topics_.is_subscribed(alice.session, "t"));
  EXPECT_FALSE(topics_.is_subscribed(alice.session, "other"));
  topics_.unsubscribe(alice.session, "t");
  EXPECT_FALSE(topics_.is_subscribed(alice.session, "t"));
}

TEST_F(TopicsTest, PublishesToAllShardsWithoutThePublisher) {
  const Texts text{"topic t without 1: text"};
  EXPECT_EQ(publish(topics_, world_.enter()), (std::vector<Texts>{text, text, text}));
}

TEST_F(TopicsTest, PublishesToThePublisherIfTheOptionsSaySo) {
  Topics topics(world_.hub, shards_.router, true);
  EXPECT_EQ(publish(topics, world_.enter())[0], Texts{"topic t: text"});
}

TEST_F(TopicsTest, ARefusalByAFullShardIsReportedToThePublishersShard) {
  ASSERT_TRUE(shards_.router.charge(2, 1'000));
  const auto executed = publish(topics_, world_.enter());
  EXPECT_EQ(executed[0].size(), 1u);
  EXPECT_EQ(executed[2].size(), 0u);
  EXPECT_EQ(shards_.refused(), 1u);
  EXPECT_EQ(shards_.receivers[1]->overloads, 1);
}

TEST_F(TopicsTest, DeliversToTheSubscribersHere) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  Client& carol = world_.enter("carol");
  topics_.subscribe(alice.session, "t");
  topics_.subscribe(bob.session, "t");
  topics_.subscribe(carol.session, "other");
  EXPECT_EQ(deliver().accepted, 2u);
  EXPECT_EQ(alice.take_sent(), Texts{"text"});
  EXPECT_EQ(bob.take_sent(), Texts{"text"});
  EXPECT_EQ(carol.take_sent(), Texts{});
}

TEST_F(TopicsTest, SkipsTheExcludedAndCountsWhatIsDropped) {
  Client& alice = world_.enter();
  Client& bob = world_.enter("bob");
  topics_.subscribe(alice.session, "t");
  topics_.subscribe(bob.session, "t");
  bob.transport.result = 0;
  const std::vector<ClientId> exclude{alice.session.id};
  const hub::Delivered delivered = deliver(exclude);
  EXPECT_EQ(delivered.accepted, 0u);
  EXPECT_EQ(delivered.dropped, 1u);
  EXPECT_EQ(alice.take_sent(), Texts{});
}

TEST_F(TopicsTest, ATopicWithoutSubscribersDeliversNothing) {
  EXPECT_EQ(deliver().accepted, 0u);
  EXPECT_EQ(deliver().dropped, 0u);
}

}  // namespace
}  // namespace wscast::server
