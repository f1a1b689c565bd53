#include "base/address_range.h"

#include <gtest/gtest.h>

namespace wscast {
namespace {

bool contains(std::string_view range, std::string_view address) {
  return AddressRange::parse(range)->contains(*IpAddress::parse(address));
}

TEST(AddressRange, HoldsTheAddressesThatBeginLikeIt) {
  EXPECT_TRUE(contains("10.0.0.0/8", "10.255.255.255"));
  EXPECT_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(contains("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(contains("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(contains("192.0.2.6/31", "192.0.2.7"));
  EXPECT_FALSE(contains("192.0.2.6/31", "192.0.2.8"));
  EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff::1"));
  EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST(AddressRange, MayBeOneAddressOrAll) {
  EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
  EXPECT_FALSE(contains("192.0.2.1", "192.0.2.0"));
  EXPECT_TRUE(contains("2001:db8::1", "2001:db8::1"));
  EXPECT_FALSE(contains("2001:db8::1", "2001:db8::2"));
  EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
  EXPECT_TRUE(contains("::/0", "2001:db8::1"));
}

TEST(AddressRange, KnowsIpv4FromIpv6) {
  EXPECT_FALSE(contains("::/0", "192.0.2.1"));
  EXPECT_FALSE(contains("0.0.0.0/0", "::"));
  EXPECT_TRUE(contains("192.0.2.0/24", "::ffff:192.0.2.9")) << "which is an IPv4 address";
}

TEST(AddressRange, BeginsWhereItSays) {
  EXPECT_FALSE(AddressRange::parse("10.1.2.3/8"));
  EXPECT_EQ(AddressRange::starting_at("10.1.2.3/8"), "10.0.0.0/8");
  EXPECT_FALSE(AddressRange::parse("2001:db8::1/64"));
  EXPECT_EQ(AddressRange::starting_at("2001:db8::1/64"), "2001:db8::/64");
  EXPECT_EQ(AddressRange::starting_at("10.0.0.0/8"), std::nullopt);
  EXPECT_EQ(AddressRange::starting_at("10.0.0.0/33"), std::nullopt);
}

TEST(AddressRange, IsNothingElse) {
  for (const std::string_view text :
       {"", "/", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
        "10.0.0.0/8 ", "10.0.0.0/8/8", "10.0.0.0/255.0.0.0", "10.0.0.0/4294967304", "10/8",
        "2001:db8::/129", "::ffff:10.0.0.0/104", "example.com", "unix", "*"}) {
    EXPECT_FALSE(AddressRange::parse(text)) << text;
  }
}

}  // namespace
}  // namespace wscast
