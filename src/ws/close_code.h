#pragma once

#include <cstdint>

namespace wscast::ws {

/// Close codes that wscast sends or acts on (RFC 6455 section 7.4.1; 4000 and up: protocol.md
/// section 1).
enum class CloseCode : std::uint16_t {
  normal = 1000,
  going_away = 1001,
  protocol_error = 1002,
  no_status = 1005,  ///< Never on the wire: the close frame held no code.
  abnormal = 1006,   ///< Never on the wire: the connection ended without a close frame.
  invalid_data = 1007,
  policy_violation = 1008,
  message_too_big = 1009,
  internal_error = 1011,
  authentication_timeout = 4001,
  heartbeat_timeout = 4002,
  authentication_failed = 4003,
  encryption_required = 4004,
  slow_consumer = 4008,
  rate_limit_exceeded = 4009,
  too_many_messages = 4010,
  too_many_connections = 4011,
};

constexpr std::uint16_t to_number(CloseCode code) {
  return static_cast<std::uint16_t>(code);
}

/// Whether a close frame may carry `code` (RFC 6455 section 7.4, protocol.md section 1).
constexpr bool may_be_sent(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;
  if (code == 1004 || code == 1005 || code == 1006) return false;
  return code >= 1000 && code <= 1014;
}

}  // namespace wscast::ws
