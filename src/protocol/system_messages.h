#pragma once

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
/// `serverPublicKey` and `salt` behind.
std::string connected_message(const Connected& connected);

/// `{"event":"error","data":{"message":...}}`
std::string error_message(std::string_view message);

/// UTC with milliseconds, rounded down, as JavaScript's `toISOString` writes it:
/// `2026-01-31T12:00:00.000Z`. For the years 0 to 9999.
std::string format_time(WallTime time);

}  // namespace wscast::protocol
