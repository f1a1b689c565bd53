#pragma once

#include <array>
#include <string>
#include <string_view>

/// The strings of the protocol under C++ names, with the reference's names beside them.
namespace wscast {

/// Events that the protocol reserves (`WebSocketEvents`).
namespace events {

inline constexpr std::string_view authenticate = "authenticate";  ///< AUTHENTICATE, from a client.
inline constexpr std::string_view connected = "connected";        ///< CONNECTED, from the server.
inline constexpr std::string_view disconnect = "disconnect";      ///< DISCONNECT
inline constexpr std::string_view join = "join";                  ///< JOIN, from a client.
inline constexpr std::string_view leave = "leave";                ///< LEAVE, from a client.
inline constexpr std::string_view error = "error";                ///< ERROR, from the server.
inline constexpr std::string_view heartbeat = "heartbeat";        ///< HEARTBEAT, from a client.
inline constexpr std::string_view encrypted = "encrypted";        ///< ENCRYPTED, both ways.

/// SCHEME_SET
inline constexpr std::array<std::string_view, 8> all = {
    authenticate, connected, disconnect, join, leave, error, heartbeat, encrypted};

/// isValid: returns whether `event` is one of these.
constexpr bool is_valid(std::string_view event) {
  for (const auto known : all) {
    if (known == event) return true;
  }
  return false;
}

}  // namespace events

/// Events of the extensions, which the reference does not have (protocol.md section 6).
namespace extension_events {

inline constexpr std::string_view dropped = "dropped";  ///< From the server (X2, X3).
inline constexpr std::string_view gap = "gap";          ///< From the server (H6).

}  // namespace extension_events

/// The kinds of receivers of a message between servers (`WebSocketMessageTypes`).
namespace message_types {

inline constexpr std::string_view client = "client";        ///< CLIENT: one client.
inline constexpr std::string_view user = "user";            ///< USER: all clients of a user.
inline constexpr std::string_view room = "room";            ///< ROOM: the members of a room.
inline constexpr std::string_view broadcast = "broadcast";  ///< BROADCAST: all clients.

/// SCHEME_SET
inline constexpr std::array<std::string_view, 4> all = {client, user, room, broadcast};

/// isValid: returns whether `type` is one of these.
constexpr bool is_valid(std::string_view type) {
  for (const auto known : all) {
    if (known == type) return true;
  }
  return false;
}

}  // namespace message_types

/// The states of a client (`WebSocketClientStates`).
namespace client_states {

inline constexpr std::string_view unauthorized = "unauthorized";      ///< UNAUTHORIZED, at first.
inline constexpr std::string_view authenticating = "authenticating";  ///< AUTHENTICATING
inline constexpr std::string_view authenticated = "authenticated";    ///< AUTHENTICATED
/// DISCONNECTED, for the application's use: no client of a server is ever in this state.
inline constexpr std::string_view disconnected = "disconnected";

/// SCHEME_SET
inline constexpr std::array<std::string_view, 4> all = {unauthorized, authenticating, authenticated,
                                                        disconnected};

/// isValid: returns whether `state` is one of these.
constexpr bool is_valid(std::string_view state) {
  for (const auto known : all) {
    if (known == state) return true;
  }
  return false;
}

}  // namespace client_states

/// The broker's channels between servers (`WebSocketChannels`).
namespace channels {

/// The prefix of all of them. A client cannot join a room whose name begins with it.
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

/// forRoomPattern: the pattern of PSUBSCRIBE for every room.
constexpr std::string_view for_room_pattern() {
  return "ws:room:*";
}

/// forClientPattern: the pattern of PSUBSCRIBE for every client.
constexpr std::string_view for_client_pattern() {
  return "ws:client:*";
}

/// forUserPattern: the pattern of PSUBSCRIBE for every user.
constexpr std::string_view for_user_pattern() {
  return "ws:user:*";
}

}  // namespace channels

/// Default names (`WebSocketDefaults`). Its other values are the initialisers of TransportOptions
/// and SessionOptions.
namespace defaults {

inline constexpr std::string_view path = "/ws";                               ///< PATH
inline constexpr std::string_view room = "ws-default";                        ///< ROOM
inline constexpr std::string_view notification_room = "ws-notification";      ///< NOTIFICATION_ROOM
inline constexpr std::string_view broadcast_topic = "ws:internal:broadcast";  ///< BROADCAST_TOPIC

}  // namespace defaults

}  // namespace wscast
