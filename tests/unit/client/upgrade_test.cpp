#include "client/upgrade.h"

#include <gtest/gtest.h>

#include "base/base64.h"

namespace wscast::client {
namespace {

// The key and its accept value are the example of RFC 6455 section 1.3.
constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";
constexpr std::string_view kGranted =
    "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n";

TEST(UpgradeRequest, HoldsWhatTheRfcAsksFor) {
  const Url url{.endpoint = {.host = "h", .port = 81, .unix_path = {}}, .target = "/ws?a"};
  EXPECT_EQ(upgrade_request(url, "KEY", {{"Sec-WebSocket-Protocol", "chat"}}),
            "GET /ws?a HTTP/1.1\r\nHost: h:81\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            "Sec-WebSocket-Key: KEY\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Protocol: chat\r\n\r\n");
}

TEST(UpgradeKey, IsSixteenFreshBytes) {
  const std::string key = make_upgrade_key(system_random());
  std::array<std::uint8_t, 16> bytes;
  EXPECT_EQ(base64_decode(key, bytes), bytes.size());
  EXPECT_NE(key, make_upgrade_key(system_random()));
}

TEST(ResponseHead, HoldsStatusAndHeadersInOrder) {
  const auto head = parse_response_head("HTTP/1.1 503 No\r\nRetry-After:  5 \r\nA: b\r\n\r\n");
  ASSERT_TRUE(head);
  EXPECT_EQ(head->status, 503);
  EXPECT_EQ(head->header("retry-after"), "5");
  EXPECT_EQ(head->header("missing"), "");
  EXPECT_EQ(head->headers.back().name, "A");
}

TEST(ResponseHead, RefusesWhatIsNoResponse) {
  EXPECT_FALSE(parse_response_head("\x81\x01x\r\n\r\n"));
  for (const char* status : {"abc", "5x", "50", "5000", "-10", "099"}) {
    EXPECT_FALSE(parse_response_head("HTTP/1.1 " + std::string(status) + " OK\r\n\r\n")) << status;
  }
  EXPECT_FALSE(parse_response_head("HTTP/1.1 200 OK\r\nno colon\r\n\r\n"));
  EXPECT_FALSE(parse_response_head("HTTP/1.1 200 OK\r\na: one\nb: another\r\n\r\n"));
}

TEST(GrantsUpgrade, AcceptsTheValueForItsKeyOnly) {
  const auto head = parse_response_head(kGranted);
  ASSERT_TRUE(head);
  EXPECT_TRUE(grants_upgrade(*head, kKey));
  EXPECT_FALSE(grants_upgrade(*head, "AAAAAAAAAAAAAAAAAAAAAA=="));
}

TEST(GrantsUpgrade, WantsStatusAndBothHeaders) {
  for (const auto& [part, instead] : std::vector<std::pair<std::string, std::string>>{
           {" 101 ", " 200 "}, {"websocket", "h2c"}, {"n: Upgrade", "n: close"}}) {
    std::string text(kGranted);
    text.replace(text.find(part), part.size(), instead);
    const auto head = parse_response_head(text);
    ASSERT_TRUE(head);
    EXPECT_FALSE(grants_upgrade(*head, kKey)) << text;
  }
}

}  // namespace
}  // namespace wscast::client
