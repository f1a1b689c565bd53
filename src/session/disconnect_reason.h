#pragma once

#include <string_view>

#include "wscast/stats.h"

#include "ws/close_code.h"

namespace wscast::session {

/// Why the server ends a session (protocol.md section 1, rows O1 to O11; X4, X6, X9): the error
/// message sent first, if any, then the close code and its reason.
struct DisconnectReason {
  std::string_view error;
  ws::CloseCode code;
  std::string_view reason;
  Counter counter;
};

inline constexpr DisconnectReason kAuthenticationTimeout{// O1, O2
                                                         {},
                                                         ws::CloseCode::authentication_timeout,
                                                         "Authentication timeout",
                                                         Counter::closed_authentication_timeout};

inline constexpr DisconnectReason kHeartbeatTimeout{// O3
                                                    {},
                                                    ws::CloseCode::heartbeat_timeout,
                                                    "Heartbeat timeout",
                                                    Counter::closed_heartbeat_timeout};

inline constexpr DisconnectReason kAuthenticationFailed{
    // O4
    "Authentication failed", ws::CloseCode::authentication_failed, "Authentication failed",
    Counter::closed_authentication_failed};

inline constexpr DisconnectReason kAuthenticationError{
    // O5
    "Authentication error", ws::CloseCode::authentication_failed, "Authentication failed",
    Counter::closed_authentication_error};

/// The client was sent error `Token expired` before.
inline constexpr DisconnectReason kTokenExpired{// X4
                                                {},
                                                ws::CloseCode::authentication_failed,
                                                "Token expired",
                                                Counter::closed_token_expired};

inline constexpr DisconnectReason kTooManyConnections{
    // X6
    "Too many connections", ws::CloseCode::too_many_connections, "Too many connections",
    Counter::closed_too_many_connections};

inline constexpr DisconnectReason kUserRevoked{// X9
                                               "User revoked", ws::CloseCode::authentication_failed,
                                               "User revoked", Counter::closed_user_revoked};

inline constexpr DisconnectReason kEncryptionRequired{// O6
                                                      {},
                                                      ws::CloseCode::encryption_required,
                                                      "Encryption required",
                                                      Counter::closed_encryption};

inline constexpr DisconnectReason kHandshakeFailed{
    // O7
    "Encryption handshake failed", ws::CloseCode::encryption_required, "Encryption required",
    Counter::closed_encryption};

inline constexpr DisconnectReason kSlowConsumer{// O9
                                                {},
                                                ws::CloseCode::slow_consumer,
                                                "Slow consumer",
                                                Counter::closed_slow_consumer};

inline constexpr DisconnectReason kRateLimit{// O11
                                             {},
                                             ws::CloseCode::rate_limit_exceeded,
                                             "Rate limit exceeded",
                                             Counter::closed_rate_limit};

inline constexpr DisconnectReason kShutdown{// O8
                                            {},
                                            ws::CloseCode::going_away,
                                            "Server shutting down",
                                            Counter::closed_shutdown};

inline constexpr DisconnectReason kDrained{// X7: in the words of O8.
                                           {},
                                           ws::CloseCode::going_away,
                                           "Server shutting down",
                                           Counter::closed_drained};

inline constexpr DisconnectReason kPreAuthFlood{// O10
                                                {},
                                                ws::CloseCode::too_many_messages,
                                                "Too many messages before authentication",
                                                Counter::closed_pre_auth_flood};

/// Whether a close frame may carry this code and reason of the application (RFC 6455 sections 5.5,
/// 7.4).
bool may_close_with(std::uint16_t code, std::string_view reason);

}  // namespace wscast::session
