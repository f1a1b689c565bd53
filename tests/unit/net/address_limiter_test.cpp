#include "net/address_limiter.h"

#include <memory>
#include <string_view>
#include <vector>

#include <gtest/gtest.h>

#include "support/allocation_faults.h"

namespace wscast::net {
namespace {

class AddressLimiterTest : public testing::Test {
 protected:
  /// Whether one more connection of that peer is admitted; it stays.
  bool admit(std::string_view peer) {
    auto result = limiter_.admit(*Endpoint::parse(peer));
    if (result.admission) admissions_.push_back(std::move(result.admission));
    return result.admitted;
  }

  AddressLimiter limiter_{2};
  std::vector<std::unique_ptr<AddressLimiter::AddressAdmission>> admissions_;
};

// shows: O14
TEST_F(AddressLimiterTest, LimitsAnAddressWhateverItsPorts) {
  EXPECT_TRUE(admit("192.0.2.1:1000"));
  EXPECT_TRUE(admit("192.0.2.1:1001"));
  EXPECT_FALSE(admit("192.0.2.1:1002"));
  EXPECT_TRUE(admit("192.0.2.2:1000"));
}

TEST_F(AddressLimiterTest, AConnectionThatEndsMakesPlaceForOne) {
  admit("192.0.2.1:1");
  admit("192.0.2.1:2");
  admissions_.pop_back();
  EXPECT_TRUE(admit("192.0.2.1:3"));
  EXPECT_FALSE(admit("192.0.2.1:4"));
}

TEST_F(AddressLimiterTest, ARefusedConnectionIsNotCounted) {
  admit("192.0.2.1:1");
  admit("192.0.2.1:2");
  for (int i = 0; i < 10; ++i) EXPECT_FALSE(admit("192.0.2.1:3"));
  admissions_.clear();
  EXPECT_TRUE(admit("192.0.2.1:4"));
  EXPECT_TRUE(admit("192.0.2.1:5"));
}

TEST_F(AddressLimiterTest, OfIpv6ANetworkIsOnePeer) {
  EXPECT_TRUE(admit("[2001:db8:1:2::1]:1"));
  EXPECT_TRUE(admit("[2001:db8:1:2:ffff::9]:1"));
  EXPECT_FALSE(admit("[2001:db8:1:2::3]:1"));
  EXPECT_TRUE(admit("[2001:db8:1:3::1]:1"));
}

TEST_F(AddressLimiterTest, AnIpv4AddressIsNoIpv6Network) {
  // 36.0.203.0 begins with the same bytes as 2400:cb00::/64.
  EXPECT_TRUE(admit("36.0.203.0:1"));
  EXPECT_TRUE(admit("36.0.203.0:2"));
  EXPECT_TRUE(admit("[2400:cb00::1]:1"));
}

TEST_F(AddressLimiterTest, UnixSocketsAreNotCounted) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(admit("unix:/tmp/a"));
  EXPECT_TRUE(admissions_.empty());
}

TEST_F(AddressLimiterTest, AnEndpointOfNoFamilyIsNotCounted) {
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(limiter_.admit(Endpoint{}).admitted);
}

TEST(AddressLimiter, WithoutALimitNothingIsCounted) {
  AddressLimiter limiter(0);
  EXPECT_FALSE(limiter.limits());
  const auto result = limiter.admit(*Endpoint::parse("192.0.2.1:1"));
  EXPECT_TRUE(result.admitted);
  EXPECT_EQ(result.admission, nullptr);
}

TEST_F(AddressLimiterTest, AConnectionForWhichThereIsNoMemoryIsNotCounted) {
  const Endpoint peer = *Endpoint::parse("192.0.2.1:1");
  EXPECT_GT(test::fail_each_allocation([&] { limiter_.admit(peer); }), 1);
  EXPECT_TRUE(admit("192.0.2.1:2"));
  EXPECT_TRUE(admit("192.0.2.1:3"));
  EXPECT_FALSE(admit("192.0.2.1:4"));
}

}  // namespace
}  // namespace wscast::net
