#include "server/server_drain.h"

#include <chrono>
#include <thread>

#include <gtest/gtest.h>

#include "support/fake_shards.h"
#include "support/session_world.h"

namespace wscast::server {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kLong{60'000};

/// Two shards; the second has one client.
class ServerDrainTest : public testing::Test {
 protected:
  ServerDrainTest() {
    client_ = &second_.enter();
    client_->take_sent();
    drain_.connect({{&first_executor_, &first_drain_}, {&second_executor_, &second_drain_}});
  }

  session::World first_;
  session::World second_;
  FakeExecutor first_executor_{first_.clock};
  FakeExecutor second_executor_{second_.clock};
  ShardDrain first_drain_{first_executor_, first_.hub};
  ShardDrain second_drain_{second_executor_, second_.hub};
  session::Client* client_ = nullptr;
  ServerDrain drain_;
};

TEST_F(ServerDrainTest, CancellingEndsAPause) {
  std::thread waiter([this] { EXPECT_FALSE(drain_.pause(kLong)); });
  drain_.cancel();
  waiter.join();
  EXPECT_TRUE(first_executor_.run_posted() == 0) << "no shard is concerned";
}

TEST_F(ServerDrainTest, APauseEndsByItself) {
  EXPECT_TRUE(drain_.pause(milliseconds(1)));
}

TEST_F(ServerDrainTest, AShardThatDoesNotRunIsWaitedForOnlySoLong) {
  const auto begin = steady_clock::now();
  drain_.run(milliseconds(10), milliseconds(50));
  EXPECT_GE(steady_clock::now() - begin, milliseconds(50));
  first_executor_.run_posted();
  second_executor_.run_posted();
  EXPECT_TRUE(client_->take_sent().empty()) << "it is not told what will not be kept";
}

TEST_F(ServerDrainTest, CancellingEndsTheWaitingForShards) {
  std::thread runner([this] { drain_.run(kLong, kLong); });
  drain_.cancel();
  runner.join();
}

}  // namespace
}  // namespace wscast::server
