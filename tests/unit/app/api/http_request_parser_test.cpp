#include "api/http_request_parser.h"

#include <algorithm>
#include <string>

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/error.hpp>
#include <gtest/gtest.h>

namespace wscast::program {
namespace {

class HttpRequestParserTest : public testing::Test {
 protected:
  /// Reads a request that comes in pieces of `size` bytes. Returns whether it is whole and valid.
  bool read(std::string_view text, std::size_t size) {
    texts_.clear();
    HttpRequestParser parser(texts_);
    std::string unread;
    while (!text.empty()) {
      unread += text.substr(0, size);
      text.remove_prefix(std::min(size, text.size()));
      if (!parser.is_header_done() && !put(parser, unread)) return false;
      if (!parser.is_header_done() || unread.empty()) continue;
      parser.eager(true);
      if (!put(parser, unread)) return false;
    }
    return parser.is_done() && unread.empty();
  }

  /// Returns false if what it reads is not valid.
  static bool put(HttpRequestParser& parser, std::string& unread) {
    boost::beast::error_code error;
    unread.erase(0, parser.put(boost::asio::buffer(unread), error));
    return !error || error == boost::beast::http::error::need_more;
  }

  HttpRequestTexts texts_;
};

TEST_F(HttpRequestParserTest, KeepsWhatIsUsedOfAHead) {
  constexpr std::string_view request =
      "PUT /a?b HTTP/1.1\r\nHost: x:1\r\nX: y\r\nORIGIN: http://x\r\nauthorization: Bearer k\r\n"
      "Expect: 100-continue\r\n\r\n";
  for (const std::size_t size : {std::size_t{1}, std::size_t{7}, request.size()}) {
    ASSERT_TRUE(read(request, size));
    EXPECT_EQ(texts_.method, "PUT");
    EXPECT_EQ(texts_.target, "/a?b");
    EXPECT_EQ(texts_.host, "x:1");
    EXPECT_EQ(texts_.origin, "http://x");
    EXPECT_EQ(texts_.authorization, "Bearer k");
    EXPECT_EQ(texts_.expect, "100-continue");
    EXPECT_EQ(texts_.body, "");
  }
}

TEST_F(HttpRequestParserTest, TheFirstOfAFieldCounts) {
  ASSERT_TRUE(
      read("GET / HTTP/1.1\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", 9));
  EXPECT_EQ(texts_.authorization, "Bearer a");
}

TEST_F(HttpRequestParserTest, ReadsBodiesWithALengthAndInChunks) {
  for (const std::size_t size : {1, 5, 1000}) {
    ASSERT_TRUE(read("POST / HTTP/1.1\r\nContent-Length: 6\r\n\r\nabcdef", size));
    EXPECT_EQ(texts_.body, "abcdef");
    ASSERT_TRUE(
        read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
             "4;x=y\r\nabcd\r\n2\r\nef\r\n0\r\n\r\n",
             size));
    EXPECT_EQ(texts_.body, "abcdef");
  }
}

TEST_F(HttpRequestParserTest, ATrailerSaysNothing) {
  ASSERT_TRUE(
      read("POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
           "Authorization: Bearer k\r\nHost: y\r\n\r\n",
           3));
  EXPECT_EQ(texts_.body, "a");
  EXPECT_EQ(texts_.authorization, "");
  EXPECT_EQ(texts_.host, "");
}

TEST_F(HttpRequestParserTest, MemoryOfALargeBodyIsNotKept) {
  const std::string body(100'000, 'x');
  ASSERT_TRUE(read("POST / HTTP/1.1\r\nContent-Length: 100000\r\n\r\n" + body, 100'000));
  EXPECT_EQ(texts_.body, body);
  texts_.clear();
  EXPECT_EQ(texts_.body, "");
  EXPECT_LT(texts_.body.capacity(), 100u);
}

}  // namespace
}  // namespace wscast::program
