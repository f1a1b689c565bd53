#include "server/shard_drain.h"

#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using session::Client;
using session::Texts;
using std::chrono::milliseconds;

const std::string kClosed = "close 1001 Server shutting down";

std::string told(int reconnect_after) {
  return R"({"event":"disconnect","data":{"reconnectAfterMs":)" + std::to_string(reconnect_after) +
         "}}";
}

class ShardDrainTest : public testing::Test {
 protected:
  void start(milliseconds time, std::size_t first, std::size_t total) {
    drain_.start({.time = time, .first = first, .total = total}, [this] { ++done_; });
  }
  void pass(milliseconds duration) {
    world_.clock.pass(duration);
    executor_.run_timers();
  }
  static bool closed(Client& client) { return client.session.ended(); }

  session::World world_;
  FakeExecutor executor_{world_.clock};
  ShardDrain drain_{executor_, world_.hub};
  int done_ = 0;
};

TEST_F(ShardDrainTest, X7EachClientIsToldItsOwnTimeAndClosedThen) {
  std::vector<Client*> clients;
  for (int i = 0; i < 4; ++i) clients.push_back(&world_.enter());
  world_.forget();
  EXPECT_EQ(drain_.begin(), 4u);
  start(milliseconds(1'000), 0, 4);
  std::vector<Client*> order(4);  // The hub's.
  for (Client* client : clients) {
    const Texts sent = client->take_sent();
    ASSERT_EQ(sent.size(), 1u);
    for (int i = 0; i < 4; ++i) {
      if (sent[0] == told(250 * (i + 1))) order[static_cast<std::size_t>(i)] = client;
    }
  }
  pass(milliseconds(240));
  for (std::size_t i = 0; i < 4; ++i) {
    ASSERT_NE(order[i], nullptr) << "nobody was told " << 250 * (i + 1);
    EXPECT_FALSE(closed(*order[i])) << "too early";
    pass(milliseconds(10));
    EXPECT_EQ(order[i]->take_sent(), Texts{kClosed});
    EXPECT_EQ(done_, i == 3 ? 1 : 0);
    pass(milliseconds(240));
  }
  EXPECT_EQ(world_.counted(), (session::Counts{{"closed_drained", 4}}));
  EXPECT_EQ(executor_.timers(), 0u);
}

TEST_F(ShardDrainTest, X7TheShardsShareTheTime) {
  Client& one = world_.enter();
  Client& two = world_.enter();
  world_.forget();
  drain_.begin();
  start(milliseconds(10'000), 2, 4);
  Texts all = one.take_sent();
  all.push_back(two.take_sent().at(0));
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()),
            (std::set<std::string>{told(7'500), told(10'000)}));
}

TEST_F(ShardDrainTest, X7WhoIsNotAuthenticatedIsClosedAtOnce) {
  Client& stranger = world_.client_in(session::Stage::unauthorized);
  Client& asking = world_.client_in(session::Stage::authenticating);
  EXPECT_EQ(drain_.begin(), 0u);
  EXPECT_EQ(stranger.take_sent(), Texts{kClosed});
  EXPECT_EQ(asking.take_sent(), Texts{kClosed});
  start(milliseconds(1'000), 0, 0);
  EXPECT_EQ(done_, 1) << "nobody is waited for";
  EXPECT_EQ(executor_.timers(), 0u);
}

TEST_F(ShardDrainTest, AClientThatHasLeftIsPassedOver) {
  Client& early = world_.enter();
  Client& late = world_.enter();
  world_.forget();
  drain_.begin();
  early.session.on_close();
  start(milliseconds(1'000), 0, 2);
  EXPECT_TRUE(early.take_sent().empty());
  late.session.on_close();
  pass(milliseconds(1'000));
  EXPECT_EQ(done_, 1);
  EXPECT_EQ(world_.counted(), session::Counts{});
}

TEST_F(ShardDrainTest, AShardThatWasHeldUpClosesWhatIsDue) {
  for (int i = 0; i < 4; ++i) world_.enter();
  drain_.begin();
  start(milliseconds(1'000), 0, 4);
  pass(milliseconds(800));
  EXPECT_EQ(world_.hub.clients(), 1u);
  pass(milliseconds(200));
  EXPECT_EQ(world_.hub.clients(), 0u);
  EXPECT_EQ(done_, 1);
}

}  // namespace
}  // namespace wscast::server
