#include "http/response.h"

#include <gtest/gtest.h>

namespace wscast::http {
namespace {

TEST(Response, EachStatusHasItsLine) {
  const auto line = [](int status) {
    const std::string text = serialize_head({.status = status}, 0);
    return text.substr(0, text.find("\r\n"));
  };
  EXPECT_EQ(line(200), "HTTP/1.1 200 OK");
  EXPECT_EQ(line(404), "HTTP/1.1 404 Not Found");
  EXPECT_EQ(line(405), "HTTP/1.1 405 Method Not Allowed");
  EXPECT_EQ(line(408), "HTTP/1.1 408 Request Timeout");
  EXPECT_EQ(line(431), "HTTP/1.1 431 Request Header Fields Too Large");
  EXPECT_EQ(line(503), "HTTP/1.1 503 Service Unavailable");
}

TEST(Response, WritesAWholeHead) {
  EXPECT_EQ(serialize_head({.content_type = "text/html; charset=utf-8"}, 9),
            "HTTP/1.1 200 OK\r\n"
            "Connection: close\r\n"
            "Content-Type: text/html; charset=utf-8\r\n"
            "Content-Length: 9\r\n"
            "Cache-Control: no-store\r\n"
            "X-Content-Type-Options: nosniff\r\n"
            "\r\n");
}

TEST(Response, WritesTheHeadersGiven) {
  const std::string head = serialize_head({.headers = {{"ETag", "\"1\""}}}, 0);
  EXPECT_NE(head.find("\r\nContent-Length: 0\r\n"), std::string::npos);
  EXPECT_NE(head.find("\r\nETag: \"1\"\r\n"), std::string::npos);
}

}  // namespace
}  // namespace wscast::http
