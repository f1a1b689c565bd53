#include "http_client/backoff.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

TEST(Backoff, DoublesUpToTheLongest) {
  Backoff backoff(milliseconds(100), milliseconds(500));
  EXPECT_EQ(backoff.next(1), milliseconds(100));
  EXPECT_EQ(backoff.next(1), milliseconds(200));
  EXPECT_EQ(backoff.next(1), milliseconds(400));
  EXPECT_EQ(backoff.next(1), milliseconds(500));
  for (int i = 0; i < 100; ++i) backoff.next(1);
  EXPECT_EQ(backoff.next(1), milliseconds(500));
}

TEST(Backoff, JitterTakesUpToHalf) {
  Backoff backoff(milliseconds(100), milliseconds(500));
  EXPECT_EQ(backoff.next(0), milliseconds(50));
  EXPECT_EQ(backoff.next(0.5), milliseconds(150));
}

TEST(Backoff, BeginsAgainAfterASuccess) {
  Backoff backoff(milliseconds(100), milliseconds(500));
  backoff.next(1);
  backoff.next(1);
  backoff.reset();
  EXPECT_EQ(backoff.next(1), milliseconds(100));
}

}  // namespace
}  // namespace wscast::program
