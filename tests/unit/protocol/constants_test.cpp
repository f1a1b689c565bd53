#include "wscast/constants.h"

#include <set>

#include <gtest/gtest.h>

namespace wscast {
namespace {

using Names = std::set<std::string_view>;

template <typename List>
Names names(const List& list) {
  return {list.begin(), list.end()};
}

TEST(Constants, EventsAreThoseOfTheReference) {
  EXPECT_EQ(names(events::all), (Names{"authenticate", "connected", "disconnect", "join", "leave",
                                       "error", "heartbeat", "encrypted"}));
  EXPECT_TRUE(events::is_valid("authenticate"));
  EXPECT_FALSE(events::is_valid("invalid"));
  EXPECT_FALSE(events::is_valid(""));
  EXPECT_FALSE(events::is_valid("JOIN"));
}

TEST(Constants, MessageTypesAreThoseOfTheReference) {
  EXPECT_EQ(names(message_types::all), (Names{"client", "user", "room", "broadcast"}));
  EXPECT_TRUE(message_types::is_valid("room"));
  EXPECT_FALSE(message_types::is_valid("rooms"));
}

TEST(Constants, ClientStatesAreThoseOfTheReference) {
  EXPECT_EQ(names(client_states::all),
            (Names{"unauthorized", "authenticating", "authenticated", "disconnected"}));
  EXPECT_TRUE(client_states::is_valid("authenticated"));
  EXPECT_FALSE(client_states::is_valid("connected"));
}

TEST(Constants, ChannelsAreThoseOfTheReference) {
  EXPECT_EQ(channels::broadcast, "ws:broadcast");
  EXPECT_EQ(channels::for_room("lobby"), "ws:room:lobby");
  EXPECT_EQ(channels::for_client("c"), "ws:client:c");
  EXPECT_EQ(channels::for_user("u"), "ws:user:u");
  EXPECT_EQ(channels::for_room_pattern(), channels::for_room("*"));
  EXPECT_EQ(channels::for_client_pattern(), channels::for_client("*"));
  EXPECT_EQ(channels::for_user_pattern(), channels::for_user("*"));
}

TEST(Constants, EveryChannelBeginsWithTheReservedPrefix) {
  for (const auto channel : {channels::broadcast, channels::room_prefix, channels::client_prefix,
                             channels::user_prefix, defaults::broadcast_topic}) {
    EXPECT_TRUE(channel.starts_with(channels::reserved_prefix)) << channel;
  }
}

TEST(Constants, T1_T11_DefaultNamesAreThoseOfTheReference) {
  EXPECT_EQ(defaults::path, "/ws");
  EXPECT_EQ(defaults::room, "ws-default");
  EXPECT_EQ(defaults::notification_room, "ws-notification");
  EXPECT_EQ(defaults::broadcast_topic, "ws:internal:broadcast");
}

}  // namespace
}  // namespace wscast
