#include "server_url.h"

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

TEST(ServerUrlTest, APathThatIsLeftOutIsWs) {
  EXPECT_EQ(with_path("ws://h"), "ws://h/ws");
  EXPECT_EQ(with_path("wss://h:1"), "wss://h:1/ws");
  EXPECT_EQ(with_path("ws+unix:/a.sock"), "ws+unix:/a.sock:/ws");
}

TEST(ServerUrlTest, AnyOtherStays) {
  for (const char* url : {"ws://h/", "ws://h/x", "ws://h?x=1", "ws+unix:/a.sock:/x", "h"}) {
    EXPECT_EQ(with_path(url), url);
  }
}

TEST(ServerUrlTest, TheQueryIsNotShown) {
  EXPECT_EQ(without_query("ws://h/ws?token=secret"), "ws://h/ws");
  EXPECT_EQ(without_query("ws://h/ws"), "ws://h/ws");
}

}  // namespace
}  // namespace wscast::program
