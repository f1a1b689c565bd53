#include "client/url.h"

#include <gtest/gtest.h>

namespace wscast::client {
namespace {

Endpoint tcp(std::string host, std::uint16_t port) {
  return {.host = std::move(host), .port = port, .unix_path = {}};
}

Endpoint at_path(std::string path) {
  return {.host = {}, .port = 0, .unix_path = std::move(path)};
}

TEST(ParseUrl, ReadsHostPortAndTarget) {
  EXPECT_EQ(parse_url("ws://localhost:3000/ws"),
            (Url{.endpoint = tcp("localhost", 3000), .target = "/ws"}));
  EXPECT_EQ(parse_url("ws://[::1]:3000/a/b?c=d"),
            (Url{.endpoint = tcp("::1", 3000), .target = "/a/b?c=d"}));
}

TEST(ParseUrl, FillsInPort80AndTheRootPath) {
  EXPECT_EQ(parse_url("ws://example.org"),
            (Url{.endpoint = tcp("example.org", 80), .target = "/"}));
  EXPECT_EQ(parse_url("ws://example.org?q"),
            (Url{.endpoint = tcp("example.org", 80), .target = "/?q"}));
}

TEST(ParseUrl, ReadsUrlsOfTls) {
  EXPECT_EQ(parse_url("wss://localhost:8443/ws"),
            (Url{.endpoint = tcp("localhost", 8443), .target = "/ws", .tls = true}));
  EXPECT_EQ(parse_url("wss://example.org"),
            (Url{.endpoint = tcp("example.org", 443), .target = "/", .tls = true}));
}

TEST(ParseUrl, ReadsUnixSockets) {
  EXPECT_EQ(parse_url("ws+unix:/run/wscast.sock"),
            (Url{.endpoint = at_path("/run/wscast.sock"), .target = "/"}));
  EXPECT_EQ(parse_url("ws+unix:/run/wscast.sock:/ws?x=1"),
            (Url{.endpoint = at_path("/run/wscast.sock"), .target = "/ws?x=1"}));
}

TEST(ParseUrl, RefusesWhatIsNoWebSocketAddress) {
  for (const char* text :
       {"", "ws://", "ws://:80/", "ws://host:", "ws://host:x/", "ws://host:80x/",
        "ws://host:70000/", "ws://host:0/", "ws://[::1/", "ws://[::1]x/", "ws://host/#part",
        "http://host/", "ws+unix:relative.sock", "ws+unix:/a.sock:ws", "ws://host/a b",
        "ws://host/\r\nCookie: a", "ws://ho\nst/", "ws+unix:/a.sock:/\x7f"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(ParseEndpoint, ReadsWhatServersPrint) {
  EXPECT_EQ(parse_endpoint("127.0.0.1:8080"), tcp("127.0.0.1", 8080));
  EXPECT_EQ(parse_endpoint("[::]:8080"), tcp("::", 8080));
  EXPECT_EQ(parse_endpoint("unix:/tmp/a.sock"), at_path("/tmp/a.sock"));
  EXPECT_FALSE(parse_endpoint("127.0.0.1"));
  EXPECT_FALSE(parse_endpoint("unix:a.sock"));
}

TEST(HostHeader, PutsIpv6InBrackets) {
  EXPECT_EQ(host_header(tcp("::1", 80)), "[::1]:80");
  EXPECT_EQ(host_header(tcp("a.example", 8080)), "a.example:8080");
  EXPECT_EQ(host_header(at_path("/tmp/a.sock")), "localhost");
}

}  // namespace
}  // namespace wscast::client
