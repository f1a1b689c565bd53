#include "wscast/constants.h"

#include <set>

#include <gtest/gtest.h>

#include "wscast/client_info.h"

namespace wscast {
namespace {

using Names = std::set<std::string_view>;

template <typename List>
Names names(const List& list) {
  return {list.begin(), list.end()};
}

// shows: A-const-WebSocketEvents, A-const-WebSocketEvents.AUTHENTICATE,
//   A-const-WebSocketEvents.CONNECTED, A-const-WebSocketEvents.DISCONNECT,
//   A-const-WebSocketEvents.JOIN, A-const-WebSocketEvents.LEAVE, A-const-WebSocketEvents.ERROR,
//   A-const-WebSocketEvents.HEARTBEAT, A-const-WebSocketEvents.ENCRYPTED
TEST(Constants, EventsAreThoseOfTheReference) {
  EXPECT_EQ(events::authenticate, "authenticate");
  EXPECT_EQ(events::connected, "connected");
  EXPECT_EQ(events::disconnect, "disconnect");
  EXPECT_EQ(events::join, "join");
  EXPECT_EQ(events::leave, "leave");
  EXPECT_EQ(events::error, "error");
  EXPECT_EQ(events::heartbeat, "heartbeat");
  EXPECT_EQ(events::encrypted, "encrypted");
}

// shows: A-const-WebSocketEvents.isValid, A-const-WebSocketEvents.SCHEME_SET,
//   A-type-TWebSocketEvent
TEST(Constants, EventsAreKnownByTheirSpelling) {
  EXPECT_EQ(names(events::all), (Names{"authenticate", "connected", "disconnect", "join", "leave",
                                       "error", "heartbeat", "encrypted"}));
  for (const auto event : events::all) EXPECT_TRUE(events::is_valid(event)) << event;
  EXPECT_FALSE(events::is_valid("invalid"));
  EXPECT_FALSE(events::is_valid(""));
  EXPECT_FALSE(events::is_valid("JOIN"));
}

// shows: A-const-WebSocketMessageTypes, A-const-WebSocketMessageTypes.CLIENT,
//   A-const-WebSocketMessageTypes.USER, A-const-WebSocketMessageTypes.ROOM,
//   A-const-WebSocketMessageTypes.BROADCAST, A-const-WebSocketMessageTypes.isValid,
//   A-const-WebSocketMessageTypes.SCHEME_SET, A-type-TWebSocketMessageType
TEST(Constants, MessageTypesAreThoseOfTheReference) {
  EXPECT_EQ(message_types::client, "client");
  EXPECT_EQ(message_types::user, "user");
  EXPECT_EQ(message_types::room, "room");
  EXPECT_EQ(message_types::broadcast, "broadcast");
  EXPECT_EQ(names(message_types::all), (Names{"client", "user", "room", "broadcast"}));
  for (const auto type : message_types::all) EXPECT_TRUE(message_types::is_valid(type)) << type;
  EXPECT_FALSE(message_types::is_valid("rooms"));
}

// shows: A-const-WebSocketClientStates, A-const-WebSocketClientStates.UNAUTHORIZED,
//   A-const-WebSocketClientStates.AUTHENTICATING, A-const-WebSocketClientStates.AUTHENTICATED,
//   A-const-WebSocketClientStates.DISCONNECTED, A-const-WebSocketClientStates.isValid,
//   A-const-WebSocketClientStates.SCHEME_SET
TEST(Constants, ClientStatesAreThoseOfTheReference) {
  EXPECT_EQ(client_states::unauthorized, "unauthorized");
  EXPECT_EQ(client_states::authenticating, "authenticating");
  EXPECT_EQ(client_states::authenticated, "authenticated");
  EXPECT_EQ(client_states::disconnected, "disconnected");
  EXPECT_EQ(names(client_states::all),
            (Names{"unauthorized", "authenticating", "authenticated", "disconnected"}));
  for (const auto state : client_states::all) EXPECT_TRUE(client_states::is_valid(state)) << state;
  EXPECT_FALSE(client_states::is_valid("connected"));
}

// shows: A-type-TWebSocketClientState
TEST(Constants, O20AClientIsInEveryStateButDisconnected) {
  EXPECT_EQ(to_string(ClientState::unauthorized), client_states::unauthorized);
  EXPECT_EQ(to_string(ClientState::authenticating), client_states::authenticating);
  EXPECT_EQ(to_string(ClientState::authenticated), client_states::authenticated);
}

// shows: A-const-WebSocketChannels, A-const-WebSocketChannels.BROADCAST,
//   A-const-WebSocketChannels.ROOM_PREFIX, A-const-WebSocketChannels.CLIENT_PREFIX,
//   A-const-WebSocketChannels.USER_PREFIX, A-const-WebSocketChannels.forRoom,
//   A-const-WebSocketChannels.forClient, A-const-WebSocketChannels.forUser,
//   A-const-WebSocketChannels.forRoomPattern, A-const-WebSocketChannels.forClientPattern,
//   A-const-WebSocketChannels.forUserPattern
TEST(Constants, ChannelsAreThoseOfTheReference) {
  EXPECT_EQ(channels::broadcast, "ws:broadcast");
  EXPECT_EQ(channels::room_prefix, "ws:room:");
  EXPECT_EQ(channels::client_prefix, "ws:client:");
  EXPECT_EQ(channels::user_prefix, "ws:user:");
  EXPECT_EQ(channels::for_room("lobby"), "ws:room:lobby");
  EXPECT_EQ(channels::for_client("c"), "ws:client:c");
  EXPECT_EQ(channels::for_user("u"), "ws:user:u");
  EXPECT_EQ(channels::for_room_pattern(), "ws:room:*");
  EXPECT_EQ(channels::for_client_pattern(), "ws:client:*");
  EXPECT_EQ(channels::for_user_pattern(), "ws:user:*");
}

TEST(Constants, EveryChannelBeginsWithTheReservedPrefix) {
  for (const auto channel : {channels::broadcast, channels::room_prefix, channels::client_prefix,
                             channels::user_prefix, defaults::broadcast_topic}) {
    EXPECT_TRUE(channel.starts_with(channels::reserved_prefix)) << channel;
  }
}

// shows: A-const-WebSocketDefaults.PATH, A-const-WebSocketDefaults.ROOM,
//   A-const-WebSocketDefaults.NOTIFICATION_ROOM, A-const-WebSocketDefaults.BROADCAST_TOPIC
TEST(Constants, T1_T11_DefaultNamesAreThoseOfTheReference) {
  EXPECT_EQ(defaults::path, "/ws");
  EXPECT_EQ(defaults::room, "ws-default");
  EXPECT_EQ(defaults::notification_room, "ws-notification");
  EXPECT_EQ(defaults::broadcast_topic, "ws:internal:broadcast");
}

}  // namespace
}  // namespace wscast
