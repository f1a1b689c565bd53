#include "net/endpoint.h"

#include <string>
#include <string_view>

#include <gtest/gtest.h>

namespace wscast::net {
namespace {

TEST(EndpointTest, IsWrittenAsItIsRead) {
  for (const char* text : {"127.0.0.1:80", "0.0.0.0:0", "[::1]:65535", "unix:/run/a.sock"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint) << text;
    EXPECT_EQ(endpoint->text(), text);
  }
}

TEST(EndpointTest, HasAHostOrAPath) {
  EXPECT_EQ(Endpoint::parse("[::1]:80")->host(), "::1");
  EXPECT_EQ(Endpoint::parse("[::1]:80")->path(), "");
  EXPECT_EQ(Endpoint::parse("unix:a")->path(), "a");
  EXPECT_EQ(Endpoint::parse("unix:a")->host(), "");
}

TEST(EndpointTest, RejectsWhatIsNoAddress) {
  using namespace std::string_view_literals;
  for (const std::string_view text :
       {""sv, "80"sv, "localhost:80"sv, "127.0.0.1"sv, "127.0.0.1:"sv, "127.0.0.1:65536"sv,
        "127.0.0.1:8x"sv, "::1:80"sv, "[::1]"sv, "[127.0.0.1]:80"sv, "unix:"sv, "unix:a\0b"sv}) {
    EXPECT_FALSE(Endpoint::parse(text)) << text;
  }
  EXPECT_FALSE(Endpoint::parse("unix:" + std::string(108, 'a')));
}

}  // namespace
}  // namespace wscast::net
