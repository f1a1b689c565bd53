#pragma once

#include <chrono>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "wscast/log.h"
#include "wscast/redis.h"

#include "integration/history_user.h"
#include "support/broker_world.h"
#include "support/redis_process.h"

namespace wscast::test {

inline const std::string kEnvelope = R"({"x":1})";

/// Users of the history of rooms in one or several Redis.
class RedisHistoryTest : public ::testing::Test {
 protected:
  HistoryUser& start(RedisOptions options) {
    users_.push_back(std::make_unique<HistoryUser>(world_, world_.start(std::move(options))));
    return *users_.back();
  }

  /// Waits until `user` has a history again, and returns the first position in it.
  Position append_once_back(HistoryUser& user, const std::string& room = "a") {
    HistoryAppended appended;
    EXPECT_TRUE(world_.run_until([&] {
      if (appended.backplane == Backplane::ok) return true;
      appended = user.append(room, kEnvelope);
      if (appended.backplane != Backplane::ok) world_.run_for(std::chrono::milliseconds(20));
      return appended.backplane == Backplane::ok;
    }));
    return appended.position;
  }

  BrokerWorld world_;
  std::vector<std::unique_ptr<HistoryUser>> users_;
};

/// Besides: what Redis refused, as it is logged.
class RedisHistoryRefusalTest : public RedisHistoryTest {
 protected:
  RedisHistoryRefusalTest() {
    set_log_sink([this](const LogLine& line) {
      if (line.event == "redis_history_refused") logged_.emplace_back(line.message);
    });
  }
  ~RedisHistoryRefusalTest() override { set_log_sink(nullptr); }

  static void allow(const RedisProcess& redis, const std::string& rights) {
    std::istringstream words("ACL SETUSER server " + rights);
    const std::vector<std::string> all{std::istream_iterator<std::string>(words), {}};
    EXPECT_EQ(redis.call({all.begin(), all.end()}), "OK") << rights;
  }

  std::vector<std::string> logged_;
};

}  // namespace wscast::test
