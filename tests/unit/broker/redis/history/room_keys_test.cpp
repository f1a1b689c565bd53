#include "broker/redis/history/room_keys.h"

#include <gtest/gtest.h>

namespace wscast::redis {
namespace {

TEST(RoomKeysTest, AreThoseOfTheProtocol) {
  const auto keys = room_keys("app:", "orders");
  EXPECT_EQ(keys.position, "app:ws:position:{orders}");
  EXPECT_EQ(keys.stream, "app:ws:history:{orders}");
  EXPECT_EQ(keys.once, "app:ws:once:{orders}:");
  EXPECT_EQ(keys.channel, "app:ws:room:orders");
}

TEST(RoomKeysTest, OnlyTheBracesOfTheTagAreLeft) {
  const auto keys = room_keys("", "{a}%7D é\n");
  EXPECT_EQ(keys.position, "ws:position:{%7Ba%7D%257D é\n}");
  EXPECT_EQ(keys.channel, "ws:room:{a}%7D é\n");
}

}  // namespace
}  // namespace wscast::redis
