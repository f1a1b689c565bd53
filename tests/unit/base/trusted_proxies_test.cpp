#include "base/trusted_proxies.h"

#include <gtest/gtest.h>

namespace wscast {
namespace {

bool trusts(const TrustedProxies& proxies, std::string_view address) {
  return proxies.trusts(*IpAddress::parse(address));
}

TEST(TrustedProxies, AreNobodyByDefault) {
  const TrustedProxies none({});
  EXPECT_TRUE(none.empty());
  EXPECT_FALSE(trusts(none, "127.0.0.1"));
  EXPECT_FALSE(none.trusts_unix());
}

TEST(TrustedProxies, AreThoseOfAllEntries) {
  const TrustedProxies proxies({"10.0.0.0/8", "2001:db8::7"});
  EXPECT_TRUE(trusts(proxies, "10.9.8.7"));
  EXPECT_TRUE(trusts(proxies, "2001:db8::7"));
  EXPECT_FALSE(trusts(proxies, "2001:db8::8"));
  EXPECT_FALSE(proxies.trusts_unix());
  EXPECT_FALSE(proxies.empty());
}

TEST(TrustedProxies, MayBeThePeersOfUnixSockets) {
  const TrustedProxies proxies({"unix"});
  EXPECT_TRUE(proxies.trusts_unix());
  EXPECT_FALSE(trusts(proxies, "127.0.0.1"));
  EXPECT_FALSE(proxies.empty());
}

TEST(TrustedProxies, AreNobodyWhereAnEntryIsWrong) {
  const TrustedProxies proxies({"", "everybody", "10.1.2.3/8"});
  EXPECT_TRUE(proxies.empty());
  EXPECT_FALSE(trusts(proxies, "10.1.2.3"));
}

}  // namespace
}  // namespace wscast
