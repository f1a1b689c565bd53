#include "net/http_response.h"

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

using namespace std::chrono_literals;

TEST(HttpResponse, RefusesInPlainWordsAndCloses) {
  EXPECT_EQ(refusal_response({.status = 400, .reason = "Missing Host"}),
            "HTTP/1.1 400 Bad Request\r\n"
            "Connection: close\r\n"
            "Content-Type: text/plain; charset=utf-8\r\n"
            "Content-Length: 13\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "\r\n"
            "Missing Host\n");
}

TEST(HttpResponse, U1_426NamesTheProtocolAndTheVersion) {
  EXPECT_EQ(refusal_response({.status = 426, .reason = "x"}),
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

TEST(HttpResponse, Of405TellsWhatIsAllowed) {
  EXPECT_TRUE(holds(refusal_response({.status = 405}), "\r\nAllow: GET\r\n"));
  EXPECT_TRUE(
      holds(refusal_response({.status = 405, .allow = "GET, HEAD"}), "\r\nAllow: GET, HEAD\r\n"));
  EXPECT_FALSE(holds(refusal_response({.status = 404}), "Allow"));
}

TEST(HttpResponse, O14_503TellsWhenToComeBack) {
  EXPECT_TRUE(
      holds(refusal_response({.status = 503, .retry_after = 7s}), "\r\nRetry-After: 7\r\n"));
  EXPECT_FALSE(holds(refusal_response({.status = 404}), "Retry-After"));
}

TEST(HttpResponse, EachStatusHasItsLine) {
  const auto line = [](int status) {
    const std::string text = refusal_response({.status = status});
    return text.substr(0, text.find("\r\n"));
  };
  EXPECT_EQ(line(200), "HTTP/1.1 200 OK");
  EXPECT_EQ(line(404), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(line(405), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_EQ(line(408), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(line(431), "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(line(503), "HTTP/1.1 503 Service Unavailable");
}

TEST(HttpResponse, WritesAWholeHead) {
  EXPECT_EQ(response_head({.content_type = "text/html; charset=utf-8"}, 9),
            "HTTP/1.1 200 OK\r\n"
            "Connection: close\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Length: 9\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "\r\n");
}

TEST(HttpResponse, ARefusedHeadRequestGetsTheLengthButNoBody) {
  const std::string text = refusal_response({.status = 404, .reason = "No", .to_head = true});
  EXPECT_TRUE(holds(text, "\r\nContent-Length: 3\r\n"));
  EXPECT_TRUE(text.ends_with("\r\n\r\n"));
}

TEST(HttpResponse, WritesTheHeadersGiven) {
  EXPECT_TRUE(
      holds(response_head({.headers = {{"ETag", "\"1\""}}}, 0), "\r\nContent-Length: 0\r\n"));
  EXPECT_TRUE(holds(response_head({.headers = {{"ETag", "\"1\""}}}, 0), "\r\nETag: \"1\"\r\n"));
}

}  // namespace
}  // namespace wscast::net
