#include "protocol/channel.h"

#include <gtest/gtest.h>

namespace wscast::protocol {
namespace {

// shows: D6, D7, D8, D9
TEST(Channel, NamesAreThoseOfTheReference) {
  EXPECT_EQ(kBroadcastChannel, "ws:broadcast");
  EXPECT_EQ(room_channel("news"), "ws:room:news");
  EXPECT_EQ(client_channel("c-1"), "ws:client:c-1");
  EXPECT_EQ(user_channel("u:1"), "ws:user:u:1");
  EXPECT_EQ(probe_channel("s-1"), "ws:probe:s-1");
}

TEST(Channel, ItsNameSaysWhomItsMessagesAreFor) {
  for (const auto type : {BackplaneTarget::client, BackplaneTarget::user, BackplaneTarget::room}) {
    const std::string channel = channel_of(type, "ws:room:x");
    const auto target = target_of(channel);
    ASSERT_TRUE(target);
    EXPECT_EQ(target->type, type);
    EXPECT_EQ(target->target, "ws:room:x");
  }
  EXPECT_EQ(target_of("ws:broadcast")->type, BackplaneTarget::broadcast);
  for (const auto* other : {"", "ws:", "ws:probe:s", "ws:server:s", "ws:broadcasts", "room"}) {
    EXPECT_FALSE(target_of(other)) << other;
  }
}

TEST(Channel, NamesAreKeptAsTheyAre) {
  EXPECT_EQ(room_channel(""), "ws:room:");
  EXPECT_EQ(room_channel("a b*\n\xc3\xa9"), "ws:room:a b*\n\xc3\xa9");
}

}  // namespace
}  // namespace wscast::protocol
