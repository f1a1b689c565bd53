#include "server/shard_transformer.h"

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using session::Texts;
using std::chrono::milliseconds;

using TransformReply = Reply<std::optional<Transformed>>;

class ShardTransformerTest : public testing::Test {
 protected:
  ShardTransformerTest() {
    options_.session.encrypted_batch_limit = 2;
    options_.session.transform_timeout = milliseconds(1'000);
    options_.hooks.outbound_transformer =
        [this](const TransformRequest&, const TransformReply& reply) { replies_.push_back(reply); };
  }

  /// A client with one message in its outbox.
  Client& waiting_client() {
    Client& client = world_.client_in(session::Stage::transforming);
    transformer_.transform(client.session);
    return client;
  }
  void pass(milliseconds duration) {
    world_.clock.pass(duration);
    executor_.run_timers();
  }

  session::World world_;
  FakeExecutor executor_{world_.clock};
  ServerOptions options_;
  const NamedLog log_{"test"};
  ShardTransformer transformer_{executor_, options_.hooks, options_.session, log_, world_.hub};
  std::vector<TransformReply> replies_;
};

TEST_F(ShardTransformerTest, ARequestWaitsForTheNextIteration) {
  waiting_client();
  EXPECT_TRUE(replies_.empty());
  EXPECT_TRUE(transformer_.pending());
  EXPECT_GT(executor_.iterations_requested, 0);
  transformer_.run_slice();
  EXPECT_EQ(replies_.size(), 1u);
  EXPECT_FALSE(transformer_.pending());
}

TEST_F(ShardTransformerTest, AReplyIsSentInPlaceOfTheMessage) {
  Client& alice = waiting_client();
  transformer_.run_slice();
  replies_[0](std::optional(Transformed{.event = "secret", .data = "1"}));
  EXPECT_EQ(alice.take_sent(), Texts{}) << "not on the thread that replies";
  executor_.run_posted();
  EXPECT_EQ(alice.take_sent(), Texts{R"({"event":"secret","data":1})"});
}

TEST_F(ShardTransformerTest, E2OnlySoManyMessagesAreWithTheHookAtOnce) {
  for (int i = 0; i < 3; ++i) waiting_client();
  transformer_.run_slice();
  EXPECT_EQ(replies_.size(), 2u);
  EXPECT_FALSE(transformer_.pending()) << "there is no place";
  replies_[0](std::nullopt);
  executor_.run_posted();
  EXPECT_TRUE(transformer_.pending());
  transformer_.run_slice();
  EXPECT_EQ(replies_.size(), 3u);
}

TEST_F(ShardTransformerTest, AReplyThatIsKeptTooLongGivesUpItsPlace) {
  for (int i = 0; i < 3; ++i) waiting_client();
  transformer_.run_slice();
  EXPECT_EQ(executor_.timers(), 1u);
  pass(milliseconds(999));
  EXPECT_FALSE(transformer_.pending());
  pass(milliseconds(1));
  EXPECT_TRUE(transformer_.pending());
  replies_[0](std::nullopt);
  executor_.run_posted();
  EXPECT_EQ(executor_.timers(), 0u);
}

TEST_F(ShardTransformerTest, ADrainingSessionIsFoundThoughItHasLeftTheHub) {
  Client& alice = waiting_client();
  alice.session.close(1000, "r");
  ASSERT_EQ(world_.hub.find(alice.session.id), nullptr);
  transformer_.on_draining_started(alice.session);
  EXPECT_EQ(transformer_.open_closes(), 1u);
  transformer_.run_slice();
  EXPECT_EQ(replies_.size(), 1u);
  transformer_.on_draining_finished(alice.session);
  EXPECT_EQ(transformer_.open_closes(), 0u);
}

}  // namespace
}  // namespace wscast::server
