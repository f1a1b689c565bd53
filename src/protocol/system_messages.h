#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wscast::protocol {

/// What the message that ends authentication tells (protocol.md M17).
struct Connected {
  std::string_view id;
  std::string_view user_id;  ///< Left out of the message when empty.
  WallTime time;
  std::string_view server_public_key{};  ///< These two are left out when both are empty.
  std::string_view salt{};
};

/// `{"event":"connected","data":{"id":...,"userId":...,"time":...}}`, of an encrypted client with
/// `serverPublicKey` and `salt` behind. `request_id` of the message that is answered, a JSON text,
/// is the last key of the message itself, `"id"` (X1).
std::string connected_message(const Connected& connected,
                              std::optional<std::string_view> request_id = std::nullopt);

/// `{"event":"error","data":{"message":...}}`, with the id of the message that is answered as
/// above.
std::string error_message(std::string_view message,
                          std::optional<std::string_view> request_id = std::nullopt);

/// A room by the JSON text of its name, and the word for what became of it.
struct RoomReport {
  std::string_view name;
  std::string_view outcome;
};

/// What the `ack` of a `join` or `leave` tells (protocol.md X1).
struct RoomsAck {
  bool ok;
  std::span<const RoomReport> rooms;
  std::string_view error;  ///< Left out of the message when empty.
  std::string_view id;     ///< A JSON text.
};

/// `{"event":"ack","data":{"ok":...,"rooms":{NAME:OUTCOME,...},"error":...},"id":...}`
std::string rooms_ack_message(const RoomsAck& ack);

/// UTC with milliseconds, rounded down, as JavaScript's `toISOString` writes it:
/// `2026-01-31T12:00:00.000Z`. For the years 0 to 9999.
std::string format_time(WallTime time);

}  // namespace wscast::protocol
