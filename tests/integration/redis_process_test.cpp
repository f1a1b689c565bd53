#include "support/redis_process.h"

#include <gtest/gtest.h>

namespace wscast::test {
namespace {

TEST(RedisProcessTest, AServerAnswersDiesAndComesBackOnItsPort) {
  RedisProcess redis;
  EXPECT_EQ(redis.call({"SET", "key", "value"}), "OK");
  EXPECT_EQ(redis.call({"GET", "key"}), "value");
  EXPECT_TRUE(redis.call({"nonsense"}).starts_with("(error) ERR unknown command"));
  const std::uint16_t port = redis.port();
  redis.kill();
  EXPECT_EQ(redis.pid(), 0);
  redis.start();
  EXPECT_EQ(redis.port(), port);
  EXPECT_EQ(redis.call({"GET", "key"}), "(nil)");
}

TEST(RedisProcessTest, AServerStandsStillAndGoesOn) {
  RedisProcess redis;
  redis.stop();
  redis.cont();
  EXPECT_EQ(redis.call({"PING"}), "PONG");
  redis.stop();  // Ends all the same.
}

TEST(RedisProcessTest, SentinelsAgreeOnAMaster) {
  SentinelGroup group(1);
  group.swap();
  EXPECT_TRUE(group.second().call({"ROLE"}).starts_with("master"));
  EXPECT_TRUE(group.first().call({"ROLE"}).starts_with("master"));
}

TEST(RedisProcessTest, ThreeNodesAreACluster) {
  ClusterGroup cluster;
  for (const auto& node : cluster.nodes()) {
    EXPECT_NE(node->call({"CLUSTER", "INFO"}).find("cluster_known_nodes:3"), std::string::npos);
  }
}

}  // namespace
}  // namespace wscast::test
