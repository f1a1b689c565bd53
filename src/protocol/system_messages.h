#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wscast::protocol {

/// Fields of the `connected` message, which ends authentication (protocol.md M17).
struct Connected {
  std::string_view id;
  std::string_view user_id;  ///< Left out if empty.
  WallTime time;
  std::string_view server_public_key{};  ///< Left out with `salt` if both are empty.
  std::string_view salt{};
  std::string_view positions{};  ///< A JSON text (H4); left out if empty.
};

/// `{"event":"connected","data":{"id":...,"userId":...,"time":...}}`, of an encrypted client with
/// `serverPublicKey` and `salt` behind. `request_id`, a JSON text, is the id of the
/// client's message; it becomes the last key of the envelope, `"id"` (X1).
std::string connected_message(const Connected& connected,
                              std::optional<std::string_view> request_id = std::nullopt);

/// `{"event":"error","data":{"message":...}}`, with `request_id` as above.
std::string error_message(std::string_view message,
                          std::optional<std::string_view> request_id = std::nullopt);

/// `{"event":"dropped","data":{"count":...}}`: that many messages were lost; without a count,
/// `null` (protocol.md X2, X3).
std::string dropped_message(std::optional<std::uint32_t> count);

/// `{"event":"disconnect","data":{"reconnectAfterMs":...}}`: the server will close the connection,
/// and the client should connect again, after that time (protocol.md X7).
std::string disconnect_message(std::chrono::milliseconds reconnect_after);

/// A room by the JSON text of its name, and the outcome for it.
struct RoomReport {
  std::string_view name;
  std::string_view outcome;
};

/// Fields of the `ack` of a `join` or `leave` (protocol.md X1).
struct RoomsAck {
  bool ok;
  std::span<const RoomReport> rooms;
  std::string_view error;        ///< Left out if empty.
  std::string_view id;           ///< A JSON text.
  std::string_view positions{};  ///< As in Connected.
};

/// `{"event":"ack","data":{"ok":...,"rooms":{NAME:OUTCOME,...},"error":...},"id":...}`
std::string rooms_ack_message(const RoomsAck& ack);

/// UTC with milliseconds, rounded down, as JavaScript's `toISOString` writes it:
/// `2026-01-31T12:00:00.000Z`. For the years 0 to 9999.
std::string format_time(WallTime time);

}  // namespace wscast::protocol
