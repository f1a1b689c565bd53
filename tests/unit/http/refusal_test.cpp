#include "http/refusal.h"

#include <gtest/gtest.h>

namespace wscast::http {
namespace {

using namespace std::chrono_literals;

std::string bytes_of(const Refusal& refusal) {
  const WireResponse response = refuse(refusal);
  EXPECT_EQ(response.status, refusal.status);
  return response.bytes;
}

TEST(Refusal, IsOneLineOfPlainTextAndCloses) {
  EXPECT_EQ(bytes_of({.status = 400, .reason = "Missing Host"}),
            "HTTP/1.1 400 Bad Request\r\n"
            "Connection: close\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 13\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "\r\n"
            "Missing Host\n");
}

TEST(Refusal, U1_426NamesTheProtocolAndTheVersion) {
  EXPECT_EQ(bytes_of({.status = 426, .reason = "x"}),
            "HTTP/1.1 426 Upgrade Required\r\n"
            "Connection: close, Upgrade\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 2\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "Upgrade: websocket\r\n"
            "Sec-WebSocket-Version: 13\r\n"
            "\r\n"
            "x\n");
}

bool holds(const std::string& text, std::string_view line) {
  return text.find(line) != std::string::npos;
}

TEST(Refusal, A405SaysWhatIsAllowed) {
  EXPECT_TRUE(holds(bytes_of({.status = 405}), "\r\nAllow: GET\r\n"));
  EXPECT_TRUE(holds(bytes_of({.status = 405, .allow = "GET, HEAD"}), "\r\nAllow: GET, HEAD\r\n"));
  EXPECT_FALSE(holds(bytes_of({.status = 404}), "Allow"));
}

TEST(Refusal, X8_429SaysWhenToComeBack) {
  const std::string bytes = bytes_of({.status = 429, .retry_after = 42s});
  EXPECT_TRUE(bytes.starts_with("HTTP/1.1 429 Too Many Requests\r\n")) << bytes;
  EXPECT_TRUE(holds(bytes, "\r\nRetry-After: 42\r\n"));
}

TEST(Refusal, O14_503SaysWhenToComeBack) {
  EXPECT_TRUE(holds(bytes_of({.status = 503, .retry_after = 7s}), "\r\nRetry-After: 7\r\n"));
  EXPECT_FALSE(holds(bytes_of({.status = 404}), "Retry-After"));
}

TEST(Refusal, AHeadRequestGetsTheLengthButNoBody) {
  const std::string text = bytes_of({.status = 404, .reason = "No", .to_head = true});
  EXPECT_TRUE(holds(text, "\r\nContent-Length: 3\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

}  // namespace
}  // namespace wscast::http
