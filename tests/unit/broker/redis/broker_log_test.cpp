#include "broker/redis/broker_log.h"

#include <string>
#include <string_view>
#include <vector>

#include <gmock/gmock.h>

#include "wscast/log.h"

namespace wscast::redis {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::StartsWith;

constexpr auto kPublish = ConnectionRole::publish;
constexpr auto kSubscribe = ConnectionRole::subscribe;

class BrokerLogTest : public testing::Test {
 protected:
  BrokerLogTest() {
    set_log_sink([this](const LogLine& logged) {
      const std::string_view line = logged.message;
      lines_.emplace_back(line);
    });
  }
  ~BrokerLogTest() override { set_log_sink(nullptr); }

  std::vector<std::string> lines() { return std::exchange(lines_, {}); }

  BrokerLog log_;
  std::vector<std::string> lines_;
};

TEST_F(BrokerLogTest, ACauseOfBothConnectionsIsOneLine) {
  log_.lost(kPublish, "gone");
  log_.lost(kSubscribe, "gone");
  log_.lost(kSubscribe, "gone");
  EXPECT_THAT(lines(), ElementsAre("Redis: gone"));
  log_.lost(kPublish, "another");
  EXPECT_THAT(lines(), ElementsAre("Redis: another"));
}

TEST_F(BrokerLogTest, RedisIsBackWhenTheLastConnectionIs) {
  log_.connected(kPublish, "a:1", true);
  EXPECT_THAT(lines(), IsEmpty()) << "it was never lost";
  log_.lost(kPublish, "gone");
  log_.lost(kSubscribe, "gone");
  lines();
  log_.connected(kSubscribe, "a:1", false);
  EXPECT_THAT(lines(), IsEmpty());
  log_.connected(kPublish, "a:1", false);
  EXPECT_THAT(lines(), ElementsAre("Redis is back: a:1"));
}

TEST_F(BrokerLogTest, AStartThatWaitsIsOneLineUntilRedisIsThere) {
  log_.waiting(kPublish, "refused");
  log_.waiting(kSubscribe, "loading");
  EXPECT_THAT(lines(), ElementsAre("Redis is not there yet, waiting for it: refused"));
  log_.connected(kPublish, "a:1", true);
  log_.connected(kSubscribe, "a:1", true);
  EXPECT_THAT(lines(), ElementsAre("Redis is there: a:1"));
}

TEST_F(BrokerLogTest, EachRefusedChannelIsOneLineUpToAHundred) {
  for (int i = 0; i < 200; ++i) {
    const std::string channel = std::to_string(i / 2);
    log_.subscription_refused(channel, "why " + channel);
  }
  log_.subscription_refused("more", "why more");
  ASSERT_EQ(lines_.size(), 100u);
  EXPECT_EQ(lines_.front(), "why 0");
  EXPECT_EQ(lines_.back(), "why 99; other channels are only counted");
}

TEST_F(BrokerLogTest, OnlyTheFirstOversizeMessageIsALine) {
  log_.oversize(9);
  log_.oversize(10);
  EXPECT_THAT(lines(), ElementsAre(StartsWith("Redis: dropped a message of 9 bytes")));
}

TEST_F(BrokerLogTest, ARefusedMessageIsALineWhenTheReasonIsAnother) {
  log_.publish_refused("NOPERM");
  log_.publish_refused("NOPERM");
  log_.publish_refused("READONLY");
  EXPECT_THAT(lines(),
              ElementsAre("Redis refuses a message: NOPERM", "Redis refuses a message: READONLY"));
}

}  // namespace
}  // namespace wscast::redis
