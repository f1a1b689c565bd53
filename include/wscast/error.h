#pragma once

#include <system_error>
#include <type_traits>

#include "wscast/export.h"

namespace wscast {

/// The errors that calls return, beside those of the operating system.
enum class Errc {
  invalid_json = 1,   ///< A text that was passed as JSON is not JSON, or a text is not UTF-8.
  overloaded,         ///< Too many bytes wait for a shard (`max_inbox_bytes`).
  stopped,            ///< The server was never configured, or is shutting down; a Client is closed.
  invalid_endpoint,   ///< Not an address that `listen` supports.
  invalid_text,       ///< Text that is not UTF-8, or must not be empty; an invalid close code.
  invalid_client,     ///< A client id that new_client_id() did not make.
  client_exists,      ///< The client id is in use on this server (protocol.md O21).
  unknown_client,     ///< No client of this server has that id.
  no_transformer,     ///< Encryption needs an outbound transformer (protocol.md E7).
  message_too_big,    ///< Over the broker's `max_publish_bytes`; the message was not sent.
  queue_full,         ///< Too many messages of an Emitter or a Client wait; this one was not sent.
  broker_down,        ///< No connection to Redis; the message was not sent.
  broker_silent,      ///< The connection broke, or Redis did not respond in time: it may be sent.
  broker_refused,     ///< Redis rejected the message, for instance by an ACL; it was not sent.
  refused,            ///< The server says no to a Client's message.
  lost,               ///< A Client's connection ended before the reply: it may be handled.
  disconnected,       ///< A Client's connection ended, or could not be made.
  not_authenticated,  ///< The server rejects a Client's token.
  reported,           ///< The server reports an error to a Client, of no message in particular.
};

/// The category of Errc; its name is `wscast`.
WSCAST_EXPORT const std::error_category& error_category() noexcept;

WSCAST_EXPORT std::error_code make_error_code(Errc code) noexcept;

}  // namespace wscast

template <>
struct std::is_error_code_enum<wscast::Errc> : std::true_type {};
