#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/json.h"
#include "wscast/publish_result.h"

/// The arguments of the calls of a Server. The views must be valid during the call only. A message
/// without `data` has no `data` key (protocol.md D15). `exclude` lists ids of clients that the
/// message skips; what is not a client id there is ignored.
namespace wscast {

/// Arguments of Server::send_to_client().
struct SendToClient {
  std::string_view client_id{};
  std::string_view event{};
  Json data{};
  Json id{};         ///< The key `id` behind the data, for a reply to a message that had an `id`.
  bool log = false;  ///< Logs the call at level info (the reference's `doLog`).
};

/// Arguments of Server::send_to_user().
struct SendToUser {
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  OnResult on_result{};
};

/// Arguments of Server::send_to_room().
struct SendToRoom {
  std::string_view room{};
  std::string_view event{};
  Json data{};
  std::vector<std::string> exclude{};
  OnResult on_result{};
};

/// Arguments of Server::broadcast().
struct Broadcast {
  std::string_view event{};
  Json data{};
  std::vector<std::string> exclude{};
  OnResult on_result{};
};

/// Arguments of Server::send().
struct Send {
  /// The id of a client of this server, a room, or empty for every client (protocol.md D6 to D9).
  std::string_view destination{};

  /// Instead of `destination`, when it is not empty: each client of this user (protocol.md X10).
  std::string_view user_id{};

  std::string_view event{};  ///< The reference's `payload.topic`. Empty: the call is ignored (D10).
  Json data{};               ///< Absent: the call is ignored (D10); JSON `null` is data.
  std::vector<std::string> exclude{};  ///< Ignored for a client and for a user.
  OnResult on_result{};
  bool log = false;  ///< Logs the call at level info (the reference's `doLog`).

  /// For a room with history, at most 128 bytes of UTF-8: a message whose key was used for the room
  /// within 5 minutes is not published again, and gets the result of the first. Elsewhere, or
  /// longer: Errc::invalid_text (protocol.md H10).
  std::string_view key{};
};

/// Arguments of Server::join_room() and leave_room().
struct Membership {
  std::string_view client_id{};
  std::string_view room{};
};

/// Arguments of Server::close_client().
struct CloseClient {
  std::string_view client_id{};
  std::uint16_t code = 1000;
  std::string_view reason{};  ///< At most 123 bytes of UTF-8.
};

/// Arguments of Server::revoke_user().
struct RevokeUser {
  std::string_view user_id{};
  /// By the system's clock. A time that has come lets the user in again.
  std::chrono::system_clock::time_point until = std::chrono::system_clock::time_point::max();
};

/// Arguments of Server::close_user().
struct CloseUser {
  std::string_view user_id{};
  std::uint16_t code = 1000;
  std::string_view reason{};  ///< At most 123 bytes of UTF-8.
};

}  // namespace wscast
