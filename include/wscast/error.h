#pragma once

#include <system_error>
#include <type_traits>

#include "wscast/export.h"

namespace wscast {

/// What a public call can answer instead of success.
enum class Errc {
  invalid_json = 1,  ///< A text that was given as JSON is not JSON, or is not UTF-8.
  overloaded,        ///< A shard's inbox is full (`max_inbox_bytes`); nothing was sent to it.
  stopped,           ///< The server was never configured, or is shutting down.
  invalid_endpoint,  ///< An address that `listen` cannot read.
  invalid_text,      ///< A room, user id or reason that is not UTF-8, or an invalid close code.
  invalid_client,    ///< A client id that new_client_id() did not make.
  client_exists,     ///< A client of that id is there already (protocol.md O21).
  unknown_client,    ///< No client of that id is on this server.
  no_transformer,    ///< Encryption without an outbound transformer (protocol.md E7).
  message_too_big,   ///< Longer than the broker takes (`max_publish_bytes`); nothing was sent.
  queue_full,        ///< Too many messages of an Emitter wait for Redis; this one was not sent.
  broker_down,       ///< No link to Redis; nothing was sent.
  broker_silent,     ///< The link broke, or Redis did not answer in time: it may have been sent.
  broker_refused,    ///< Redis refused the message, for instance by an ACL; nothing was sent.
};

WSCAST_EXPORT const std::error_category& error_category() noexcept;

WSCAST_EXPORT std::error_code make_error_code(Errc code) noexcept;

}  // namespace wscast

template <>
struct std::is_error_code_enum<wscast::Errc> : std::true_type {};
