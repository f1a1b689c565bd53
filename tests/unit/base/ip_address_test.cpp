#include "base/ip_address.h"

#include <vector>

#include <gtest/gtest.h>

namespace wscast {
namespace {

std::string again(std::string_view text) {
  const auto address = IpAddress::parse(text);
  return address ? address->text() : "none";
}

TEST(IpAddress, IsReadAndWritten) {
  EXPECT_EQ(again("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(again("2001:DB8:0:0::1"), "2001:db8::1");
  EXPECT_EQ(again("::"), "::");
}

TEST(IpAddress, ThatStandsForAnIpv4OneIsThat) {
  EXPECT_EQ(again("::ffff:192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(IpAddress::parse("::ffff:c000:201"), IpAddress::parse("192.0.2.1"));
  EXPECT_EQ(again("::192.0.2.1"), "::192.0.2.1");
}

TEST(IpAddress, HasOneSpellingOnly) {
  for (const std::string_view text :
       {"", "192.0.2", "192.0.2.256", "192.0.02.1", " 192.0.2.1", "192.0.2.1 ", "192.0.2.1:80",
        "0xc0.0.2.1", "3221225985", "[2001:db8::1]", "fe80::1%eth0", "2001:db8:::1", "unknown"}) {
    EXPECT_EQ(again(text), "none") << text;
  }
  EXPECT_EQ(again(std::string_view("192.0.2.1\0", 10)), "none");
  EXPECT_EQ(again(std::string(1000, '1')), "none");
}

TEST(IpAddress, IsMadeOfFourOrSixteenBytes) {
  const std::vector<std::uint8_t> bytes(17, 1);
  EXPECT_EQ(IpAddress::from_bytes(std::span(bytes).first(4))->text(), "1.1.1.1");
  EXPECT_EQ(IpAddress::from_bytes(std::span(bytes).first(16))->text(),
            "101:101:101:101:101:101:101:101");
  for (const std::size_t size : {0, 3, 5, 15, 17}) {
    EXPECT_FALSE(IpAddress::from_bytes(std::span(bytes).first(size))) << size;
  }
}

}  // namespace
}  // namespace wscast
