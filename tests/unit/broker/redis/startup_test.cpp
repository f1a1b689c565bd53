#include "broker/redis/startup.h"

#include <optional>
#include <string>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

using namespace std::chrono_literals;

class StartupTest : public testing::Test {
 protected:
  Startup& start() {
    return startup_.emplace(
        loop_, options_, system_clock(),
        [this](const auto& failure) {
          ++reports_;
          failure_ = failure;
        },
        [this] { startup_->finish("timeout"); });
  }

  boost::asio::io_context loop_;
  RedisOptions options_;
  std::optional<Startup> startup_;
  int reports_ = 0;
  std::optional<std::string> failure_;
};

TEST_F(StartupTest, ItsOutcomeIsReportedOnce) {
  Startup& startup = start();
  EXPECT_TRUE(startup.pending());
  startup.finish(std::nullopt);
  startup.finish("stopped");
  EXPECT_FALSE(startup.pending());
  EXPECT_EQ(reports_, 1);
  EXPECT_EQ(failure_, std::nullopt);
}

TEST_F(StartupTest, R9ItFailsAfterTheTimeout) {
  options_.ready_timeout = 1ms;
  start();
  loop_.run_for(20s);
  EXPECT_EQ(failure_, "timeout");
}

TEST_F(StartupTest, ACancelledTimeoutDoesNotEndIt) {
  options_.ready_timeout = 1ms;
  start().cancel_timeout();
  loop_.run_for(20s);
  EXPECT_TRUE(startup_->pending());
}

TEST_F(StartupTest, R9TheLongerWaitReplacesTheTimeout) {
  EXPECT_EQ(start_timeout_of(options_), 30s);
  options_.startup_wait = 60s;
  EXPECT_EQ(start_timeout_of(options_), 60s);
  options_.startup_wait = std::chrono::milliseconds::max();
  EXPECT_EQ(start_timeout_of(options_), std::chrono::hours(24 * 36'500))
      << "can be added to a time";
}

}  // namespace
}  // namespace wscast::redis
