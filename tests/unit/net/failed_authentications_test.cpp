#include "net/failed_authentications.h"

#include <chrono>
#include <string>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FailedAuthenticationsTest : public testing::Test {
 protected:
  static IpAddress address(std::string_view text) { return IpAddress::parse(text).value(); }
  bool fail(std::string_view from) { return failed_.record(address(from), now_); }
  seconds blocked(std::string_view who) { return failed_.blocked_for(address(who), now_); }

  SteadyTime now_{std::chrono::hours(1)};
  FailedAuthentications failed_{3, 4};
};

// shows: X8
TEST_F(FailedAuthenticationsTest, SoManyInAMinuteBlockTheAddressUntilItIsOver) {
  EXPECT_FALSE(failed_.any());
  EXPECT_FALSE(fail("192.0.2.1"));
  now_ += seconds(20);
  EXPECT_FALSE(fail("192.0.2.1"));
  EXPECT_EQ(blocked("192.0.2.1"), seconds(0));
  now_ += milliseconds(500);
  EXPECT_TRUE(fail("192.0.2.1")) << "it has reached the limit";
  EXPECT_TRUE(failed_.any());
  EXPECT_EQ(blocked("192.0.2.1"), seconds(40)) << "rounded up";
  EXPECT_EQ(blocked("192.0.2.2"), seconds(0));
  EXPECT_FALSE(fail("192.0.2.1")) << "that is told once a minute";
  now_ += milliseconds(39'499);
  EXPECT_EQ(blocked("192.0.2.1"), seconds(1));
  now_ += milliseconds(1);
  EXPECT_EQ(blocked("192.0.2.1"), seconds(0));
}

TEST_F(FailedAuthenticationsTest, AMinuteBeginsAnewWithTheNextFailure) {
  fail("192.0.2.1");
  fail("192.0.2.1");
  now_ += seconds(60);
  EXPECT_FALSE(fail("192.0.2.1"));
  EXPECT_FALSE(fail("192.0.2.1"));
  EXPECT_TRUE(fail("192.0.2.1"));
  EXPECT_EQ(blocked("192.0.2.1"), seconds(60));
}

TEST_F(FailedAuthenticationsTest, AnIpv6NetworkIsOneAddress) {
  fail("2001:db8::1");
  fail("2001:db8::2");
  EXPECT_TRUE(fail("2001:db8:0:0:ffff::3"));
  EXPECT_GT(blocked("2001:db8::4"), seconds(0));
  EXPECT_EQ(blocked("2001:db8:0:1::1"), seconds(0));
}

TEST_F(FailedAuthenticationsTest, OfTooManyAddressesTheOldestIsForgotten) {
  for (int i = 0; i < 3; ++i) fail("192.0.2.1");
  for (int i = 2; i <= 4; ++i) fail("192.0.2." + std::to_string(i));
  EXPECT_GT(blocked("192.0.2.1"), seconds(0));
  fail("192.0.2.5");
  EXPECT_EQ(blocked("192.0.2.1"), seconds(0));
  for (int i = 0; i < 2; ++i) fail("192.0.2.2");
  EXPECT_GT(blocked("192.0.2.2"), seconds(0)) << "the others are still counted";
}

TEST_F(FailedAuthenticationsTest, TheLimitMayChangeAndGo) {
  fail("192.0.2.1");
  failed_.set_limit(1);
  EXPECT_GT(blocked("192.0.2.1"), seconds(0));
  failed_.set_limit(0);
  EXPECT_EQ(blocked("192.0.2.1"), seconds(0));
  EXPECT_FALSE(failed_.any());
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(fail("192.0.2.9"));
}

}  // namespace
}  // namespace wscast::net
