#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/json.h"

/// What the application decides. Each hook runs on the thread of the client's shard, between two
/// turns of it: it may call the server, and should return soon, for all clients of that shard wait
/// (over 50 ms is counted as `slow_hooks`). A hook that throws is counted and logged. Views and
/// Json live as long as the call.
namespace wscast {

struct AuthenticateRequest {
  std::string_view client_id{};
  Json data{};  ///< Of the `authenticate` message; `{}` when there was none.
};

/// Who a client is. An empty `user_id` is none.
struct Identity {
  std::string user_id{};
};

/// Nothing refuses the client (protocol.md M4, O4, O5; the reference's `authenticateFn`).
using AuthenticateHook = std::function<std::optional<Identity>(const AuthenticateRequest&)>;

struct ValidateRoomsRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  std::span<const std::string> rooms{};  ///< As asked for, names that no room may have left out.
};

/// Answers the rooms to join, asked for or not (protocol.md M7; `validateRoomFn`).
using ValidateRoomsHook = std::function<std::vector<std::string>(const ValidateRoomsRequest&)>;

/// A client that the connected or disconnected hook is about (`clientConnectedFn`,
/// `clientDisconnectedFn`). `user_id` is empty for one that never authenticated.
struct ClientEvent {
  std::string_view client_id{};
  std::string_view user_id{};
};
using ConnectedHook = std::function<void(const ClientEvent&)>;
using DisconnectedHook = std::function<void(const ClientEvent&)>;

/// An event of an authenticated client that the protocol leaves to the application.
struct ClientMessage {
  std::string_view client_id{};
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  Json id{};
};

/// protocol.md M9; `messageHandler`.
using MessageHook = std::function<void(const ClientMessage&)>;

struct Hooks {
  AuthenticateHook authenticate{};     ///< Required.
  ValidateRoomsHook validate_rooms{};  ///< Without it no client may join a room by itself.
  ConnectedHook connected{};           ///< Runs after `connected` was sent.
  DisconnectedHook disconnected{};     ///< Runs once for each client, whatever became of it.
  MessageHook message{};               ///< Without it such events are dropped.
};

}  // namespace wscast
