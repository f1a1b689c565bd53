#include "api/deadline.h"

#include <chrono>

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using Clock = std::chrono::steady_clock;

class DeadlineTest : public testing::Test {
 protected:
  /// Runs until it has expired, and returns how long after the test's begin that was.
  Clock::duration run() {
    context_.restart();
    while (expired_ == 0 && context_.run_one() > 0) continue;
    return Clock::now() - begin_;
  }

  const Clock::time_point begin_ = Clock::now();
  boost::asio::io_context context_;
  int expired_ = 0;
  Deadline deadline_{context_.get_executor(), [this] { ++expired_; }};
};

TEST_F(DeadlineTest, ExpiresOnce) {
  deadline_.set(milliseconds(20));
  EXPECT_GE(run(), milliseconds(20));
  context_.run();
  EXPECT_EQ(expired_, 1);
}

TEST_F(DeadlineTest, MovesLater) {
  deadline_.set(milliseconds(10));
  deadline_.set(milliseconds(60));
  EXPECT_GE(run(), milliseconds(60));
}

TEST_F(DeadlineTest, MovesEarlier) {
  deadline_.set(hours(1));
  deadline_.set(milliseconds(10));
  EXPECT_LT(run(), hours(1));
  EXPECT_EQ(expired_, 1);
}

TEST_F(DeadlineTest, MovesLaterAfterItsTimerWasDue) {
  deadline_.set(milliseconds(0));
  deadline_.set(hours(1));
  context_.run_one();
  EXPECT_EQ(expired_, 0);
  deadline_.set(milliseconds(10));
  run();
  EXPECT_EQ(expired_, 1);
}

TEST_F(DeadlineTest, IsSetAgainAfterItExpired) {
  deadline_.set(milliseconds(0));
  run();
  expired_ = 0;
  deadline_.set(milliseconds(10));
  run();
  EXPECT_EQ(expired_, 1);
}

TEST_F(DeadlineTest, ClearedItDoesNotExpire) {
  deadline_.set(milliseconds(10));
  deadline_.clear();
  context_.run();  // To the end of its timer.
  EXPECT_EQ(expired_, 0);
}

TEST(Deadline, DestroyedItDoesNotExpire) {
  boost::asio::io_context context;
  bool expired = false;
  {
    Deadline deadline(context.get_executor(), [&] { expired = true; });
    deadline.set(milliseconds(0));
  }
  context.run();
  EXPECT_FALSE(expired);
}

}  // namespace
}  // namespace wscast::program
