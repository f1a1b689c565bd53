#include "http/forwarded.h"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::http {
namespace {

/// The address found in those fields, by a server that trusts 10.0.0.0/8 and 2001:db8:1::/48.
std::string client_of(const std::vector<HeaderField>& fields) {
  static const TrustedProxies trusted({"10.0.0.0/8", "2001:db8:1::/48"});
  const auto found =
      forwarded_client({.method = "GET", .target = "/ws", .fields = fields}, trusted);
  return found ? found->text() : "none";
}

std::string client_of_list(std::string_view list) {
  return client_of({{"X-Forwarded-For", list}});
}

std::string client_of_forwarded(std::string_view value) {
  return client_of({{"Forwarded", value}});
}

TEST(ForwardedClient, IsTheRightmostThatIsNoProxyOfOurs) {
  EXPECT_EQ(client_of_list("192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_of_list("192.0.2.1, 10.0.0.1, 10.0.0.2"), "192.0.2.1");
  EXPECT_EQ(client_of_list("198.51.100.1, 192.0.2.1"), "192.0.2.1") << "the client may forge this";
  EXPECT_EQ(client_of_list("10.0.0.7, 192.0.2.1, 10.0.0.2"), "192.0.2.1");
  EXPECT_EQ(client_of_list("2001:db8:2::9,\t2001:db8:1::1"), "2001:db8:2::9");
}

TEST(ForwardedClient, IsTheLastProxyWhenAllAreOurs) {
  EXPECT_EQ(client_of_list("10.0.0.1, 10.0.0.2"), "10.0.0.1");
}

TEST(ForwardedClient, IsNobodyWithoutAHop) {
  EXPECT_EQ(client_of({}), "none");
  EXPECT_EQ(client_of_list(""), "none");
  EXPECT_EQ(client_of_forwarded(""), "none");
  EXPECT_EQ(client_of({{"X-Real-IP", "192.0.2.1"}, {"Forwarded-For", "192.0.2.1"}}), "none");
}

TEST(ForwardedClient, OfSeveralLinesIsThatOfOneList) {
  EXPECT_EQ(client_of({{"X-Forwarded-For", "198.51.100.1"}, {"x-forwarded-for", "192.0.2.1"}}),
            "192.0.2.1");
  EXPECT_EQ(client_of({{"X-Forwarded-For", "192.0.2.1"},
                       {"Host", "x"},
                       {"X-Forwarded-For", ""},
                       {"X-Forwarded-For", "10.0.0.1, 10.0.0.2"}}),
            "192.0.2.1");
  EXPECT_EQ(client_of({{"Forwarded", "for=192.0.2.1"}, {"Forwarded", "for=10.0.0.1"}}),
            "192.0.2.1");
}

TEST(ForwardedClient, IsReadFromForwardedAloneWhereThatIs) {
  EXPECT_EQ(client_of({{"X-Forwarded-For", "198.51.100.1"}, {"Forwarded", "for=192.0.2.1"}}),
            "192.0.2.1");
  EXPECT_EQ(client_of({{"X-Forwarded-For", "198.51.100.1"}, {"Forwarded", "for=unknown"}}), "none");
}

TEST(ForwardedClient, StandsBehindForAmongOtherPairs) {
  EXPECT_EQ(client_of_forwarded("For=192.0.2.1;proto=https;by=203.0.113.43"), "192.0.2.1");
  EXPECT_EQ(client_of_forwarded("by=203.0.113.43; FOR=192.0.2.1"), "192.0.2.1");
  EXPECT_EQ(client_of_forwarded("for=192.0.2.1;host=\"a,b;for=10.0.0.1\""), "192.0.2.1");
  EXPECT_EQ(client_of_forwarded("for=192.0.2.1;ext=\"a\\\"b,c\", for=10.0.0.1"), "192.0.2.1");
}

TEST(ForwardedClient, MayBeQuotedAndHaveAPort) {
  EXPECT_EQ(client_of_forwarded("for=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(client_of_forwarded("for=\"[2001:db8:cafe::17]\""), "2001:db8:cafe::17");
  EXPECT_EQ(client_of_forwarded("for=\"192.0.2.1:4711\""), "192.0.2.1");
  EXPECT_EQ(client_of_forwarded("for=\"192.0.2.1:_port\""), "192.0.2.1");
  EXPECT_EQ(client_of_forwarded("for=\"\\1\\92.0.2.1\""), "192.0.2.1") << "escapes mean themselves";
  EXPECT_EQ(client_of_list("192.0.2.1:4711, [2001:db8:1::1]:80"), "192.0.2.1");
}

TEST(ForwardedClient, IsTheLastKnownHopBeforeWhatIsNoAddress) {
  for (const std::string_view hop :
       {"unknown", "_hidden", "\"_hidden:80\"", "example.com", "192.0.2", "\"192.0.2.1", "",
        "\"192.0.2.1\\\"", "\"[192.0.2.1]\"", "\"[2001:db8:2::1\"", "\"2001:db8:2::1]:80\"",
        "\"192.0.2.1:\"", "\"192.0.2.1:123456\"", "\"192.0.2.1:80x\"", "\"[2001:db8:2::1]80\"",
        "\"[2001:db8:2::1]:\"", "192.0.2.1\"", "\"192.0.2.1\"\""}) {
    const std::string element = "for=" + std::string(hop);
    EXPECT_EQ(client_of_forwarded(element), "none") << hop;
    EXPECT_EQ(client_of_forwarded("for=192.0.2.9, " + element + ", for=10.0.0.1"), "10.0.0.1")
        << hop;
  }
  EXPECT_EQ(client_of_list("192.0.2.1, unknown, 10.0.0.1"), "10.0.0.1");
  EXPECT_EQ(client_of_list("192.0.2.1, \"198.51.100.1\""), "none") << "it knows no quotes";
  EXPECT_EQ(client_of_list("192.0.2.1,"), "none");
}

TEST(ForwardedClient, HasOneForInItsElement) {
  EXPECT_EQ(client_of_forwarded("proto=https"), "none");
  EXPECT_EQ(client_of_forwarded("for"), "none");
  EXPECT_EQ(client_of_forwarded("for=192.0.2.1;for=192.0.2.2"), "none");
  EXPECT_EQ(client_of_forwarded("for =192.0.2.1"), "none");
  EXPECT_EQ(client_of_forwarded("for= 192.0.2.1"), "none");
}

TEST(ForwardedClient, IsNotHiddenByWhatTheClientWroteBefore) {
  for (const std::string_view forged :
       {"for=\"", "for=\"\\", "for=\"a\\\"", "\\", "\"", "for=10.0.0.1;", ",,,", "for=\"x\"\""}) {
    EXPECT_EQ(client_of_forwarded(std::string(forged) + ", for=192.0.2.1"), "192.0.2.1") << forged;
    EXPECT_EQ(client_of_forwarded(std::string(forged) + ", for=\"[2001:db8:2::1]:80\""),
              "2001:db8:2::1")
        << forged;
  }
}

TEST(ForwardedClient, IsLookedForInALimitedNumberOfHops) {
  const auto behind = [](std::size_t proxies) {
    std::string list = "192.0.2.1";
    for (std::size_t i = 0; i < proxies; ++i) list += ", 10.0.0." + std::to_string(i);
    return client_of_list(list);
  };
  EXPECT_EQ(behind(kMaxForwardedHops - 1), "192.0.2.1");
  EXPECT_EQ(behind(kMaxForwardedHops), "10.0.0.0");
  EXPECT_EQ(behind(kMaxForwardedHops + 1), "10.0.0.1");
}

}  // namespace
}  // namespace wscast::http
