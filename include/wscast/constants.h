#pragma once

#include <array>
#include <string>
#include <string_view>

/// The words of the wire, spelled as in the reference (named beside each) in C++ names.
namespace wscast {

/// Events with a meaning of their own (`WebSocketEvents`).
namespace events {

inline constexpr std::string_view authenticate = "authenticate";  ///< AUTHENTICATE: client asks.
inline constexpr std::string_view connected = "connected";        ///< CONNECTED: server accepts.
inline constexpr std::string_view disconnect = "disconnect";      ///< DISCONNECT
inline constexpr std::string_view join = "join";                  ///< JOIN: client names rooms.
inline constexpr std::string_view leave = "leave";                ///< LEAVE: client names rooms.
inline constexpr std::string_view error = "error";                ///< ERROR: server tells a client.
inline constexpr std::string_view heartbeat = "heartbeat";        ///< HEARTBEAT: client is alive.
inline constexpr std::string_view encrypted = "encrypted";        ///< ENCRYPTED: wraps a message.

/// SCHEME_SET
inline constexpr std::array<std::string_view, 8> all = {
    authenticate, connected, disconnect, join, leave, error, heartbeat, encrypted};

/// isValid: whether `event` is one of these.
constexpr bool is_valid(std::string_view event) {
  for (const auto known : all) {
    if (known == event) return true;
  }
  return false;
}

}  // namespace events

/// Whom a message between servers is for (`WebSocketMessageTypes`).
namespace message_types {

inline constexpr std::string_view client = "client";        ///< CLIENT: one client.
inline constexpr std::string_view user = "user";            ///< USER: all clients of a user.
inline constexpr std::string_view room = "room";            ///< ROOM: the members of a room.
inline constexpr std::string_view broadcast = "broadcast";  ///< BROADCAST: all clients.

/// SCHEME_SET
inline constexpr std::array<std::string_view, 4> all = {client, user, room, broadcast};

/// isValid: whether `type` is one of these.
constexpr bool is_valid(std::string_view type) {
  for (const auto known : all) {
    if (known == type) return true;
  }
  return false;
}

}  // namespace message_types

/// What a client is (`WebSocketClientStates`).
namespace client_states {

inline constexpr std::string_view unauthorized = "unauthorized";      ///< UNAUTHORIZED: at first.
inline constexpr std::string_view authenticating = "authenticating";  ///< AUTHENTICATING
inline constexpr std::string_view authenticated = "authenticated";    ///< AUTHENTICATED
/// DISCONNECTED: for the application's own use; no live client is ever in this state.
inline constexpr std::string_view disconnected = "disconnected";

/// SCHEME_SET
inline constexpr std::array<std::string_view, 4> all = {unauthorized, authenticating, authenticated,
                                                        disconnected};

/// isValid: whether `state` is one of these.
constexpr bool is_valid(std::string_view state) {
  for (const auto known : all) {
    if (known == state) return true;
  }
  return false;
}

}  // namespace client_states

/// Channels between servers (`WebSocketChannels`).
namespace channels {

/// What all of them begin with, and therefore no room that a client joins.
inline constexpr std::string_view reserved_prefix = "ws:";

inline constexpr std::string_view broadcast = "ws:broadcast";    ///< BROADCAST
inline constexpr std::string_view room_prefix = "ws:room:";      ///< ROOM_PREFIX
inline constexpr std::string_view client_prefix = "ws:client:";  ///< CLIENT_PREFIX
inline constexpr std::string_view user_prefix = "ws:user:";      ///< USER_PREFIX

/// forRoom: `ws:room:{room}`
inline std::string for_room(std::string_view room) {
  return std::string(room_prefix).append(room);
}

/// forClient: `ws:client:{client_id}`
inline std::string for_client(std::string_view client_id) {
  return std::string(client_prefix).append(client_id);
}

/// forUser: `ws:user:{user_id}`
inline std::string for_user(std::string_view user_id) {
  return std::string(user_prefix).append(user_id);
}

/// forRoomPattern: what PSUBSCRIBE takes for every room.
constexpr std::string_view for_room_pattern() {
  return "ws:room:*";
}

/// forClientPattern: what PSUBSCRIBE takes for every client.
constexpr std::string_view for_client_pattern() {
  return "ws:client:*";
}

/// forUserPattern: what PSUBSCRIBE takes for every user.
constexpr std::string_view for_user_pattern() {
  return "ws:user:*";
}

}  // namespace channels

/// Names that are there without being asked for (`WebSocketDefaults`). Its other values are the
/// member initialisers of the options.
namespace defaults {

inline constexpr std::string_view path = "/ws";                               ///< PATH
inline constexpr std::string_view room = "ws-default";                        ///< ROOM
inline constexpr std::string_view notification_room = "ws-notification";      ///< NOTIFICATION_ROOM
inline constexpr std::string_view broadcast_topic = "ws:internal:broadcast";  ///< BROADCAST_TOPIC

}  // namespace defaults

}  // namespace wscast
