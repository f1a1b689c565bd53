#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wscast/export.h"

namespace wscast {

/// What a server counts, from its start on: each drop, refusal and close by its cause.
enum class Counter : std::uint8_t {
  // Connections
  connections_accepted,   ///< Taken from a listener.
  connections_refused,    ///< Answered 503, for whichever limit.
  connections_discarded,  ///< Over the limit and its reserve: closed without an answer.
  connections_refused_unauthenticated,  ///< Over `max_unauthenticated`: answered 503.
  connections_refused_address,          ///< Over `max_connections_per_address`: answered 503.
  accept_failures,                      ///< accept() failed, for instance for want of descriptors.
  connections_reset,                    ///< The peer reset, or went away without a close frame.

  // HTTP requests
  http_pages_served,        ///< 200.
  http_bad_request,         ///< 400.
  http_forbidden,           ///< 403: an origin that is not allowed.
  http_not_found,           ///< 404.
  http_method_not_allowed,  ///< 405.
  http_upgrade_required,    ///< 426.
  http_head_too_large,      ///< 431.
  http_head_timeout,        ///< 408: the request head took too long.
  http_abandoned,           ///< The peer left before its request head was whole.
  upgrades,                 ///< 101.

  // WebSocket
  messages_received,       ///< Whole text and binary messages.
  closed_by_peer,          ///< The peer sent a valid close frame first.
  closed_protocol_error,   ///< 1002, RFC 6455 violated.
  closed_invalid_data,     ///< 1007, invalid UTF-8.
  closed_message_too_big,  ///< 1009, over `max_payload_length`.
  closed_message_timeout,  ///< 1008, a message stayed incomplete for too long.
  closed_idle,             ///< Silent for `idle_timeout`.
  close_timeouts,          ///< Reset: a close frame of ours was not answered in time.
  dropped_backpressure,    ///< Messages not sent: the client had too much unsent already.
  pongs_dropped,           ///< Answers to pings not sent, for the same reason.

  // Sessions
  invalid_messages,               ///< Not JSON, not UTF-8, or nested too deeply (protocol.md M1).
  malformed_envelopes,            ///< JSON without a usable `event`; dropped silently (M2).
  not_authenticated,              ///< An event that needs authentication (M6).
  already_authenticated,          ///< A second `authenticate` (M5).
  unhandled_events,               ///< An event without a message handler (M9).
  authentications,                ///< Clients that reached `connected`.
  closed_authentication_timeout,  ///< 4001 (O1, O2).
  closed_heartbeat_timeout,       ///< 4002 (O3).
  closed_authentication_failed,   ///< 4003, the authenticate hook said no (O4).
  closed_authentication_error,    ///< 4003, the authenticate hook threw (O5).
  closed_shutdown,                ///< 1001, the server shut down (O8).
  closed_pre_auth_flood,          ///< 4010, too much before authentication (O10).
  /// Room names that a `join` may not hold (M7, D14, M16), or whose channel the broker refused.
  rooms_dropped,
  joins_refused,             ///< `join` without a validate-rooms hook (M7).
  too_many_rooms,            ///< A rooms limit was met (O13).
  dropped_before_connected,  ///< Room messages to a member that is not authenticated yet (D14).
  dropped_in_handshake,      ///< Sends to a client whose encryption is being agreed on (D1).
  dropped_late,              ///< Sends that were accepted, and then refused by the client's shard.
  rate_limited,              ///< Messages dropped for their sender's rate (O11).
  closed_rate_limit,         ///< 4009 (O11).
  closed_slow_consumer,      ///< 4008 (O9).
  closed_encryption,         ///< 4004: no handshake hook, or it said no (O6, O7).
  closed_by_application,     ///< close_client(), close_user().
  raw_refused,               ///< Raw sends to encrypted clients.
  transform_failures,        ///< Messages lost because they could not be encrypted in time (E4).
  decryption_failures,       ///< `encrypted` messages that this client cannot have sent (S8).
  dropped_after_close,       ///< Messages whose sender had gone before the hook could take them.
  hook_failures,             ///< Hooks that threw.
  slow_hooks,                ///< Hooks that took over 50 ms.
  transport_failures,  ///< External connections given up: a call of their ExternalTransport threw.

  // Between servers
  broker_messages,          ///< Messages of other servers and emitters that were acted on.
  broker_malformed,         ///< What came was no message (protocol.md R1), or too deep (R11).
  broker_unroutable,        ///< An unknown type, or no target (R3).
  broker_oversize,          ///< Over `max_receive_bytes` (R11).
  broker_unexpected,        ///< Redis said what it was not asked for.
  broker_connections_lost,  ///< Links that were ready, and broke or were given up.
  broker_no_deliveries,     ///< Times that no probe came back (`probe_timeout`).
  publishes_ok,             ///< Taken by Redis.
  publishes_down,           ///< Not sent: no link, or too much unsent on it.
  publishes_unknown,        ///< The link broke, or Redis did not answer in time.
  publishes_too_big,        ///< Refused: over `max_publish_bytes`.
  subscriptions_late,       ///< Authentications and joins that went on before Redis had confirmed.
  subscriptions_refused,    ///< Channels whose subscription Redis refused, each time (an ACL).

  // Between shards
  posts_between_shards,  ///< Deliveries handed to another shard.
  dropped_overloaded,    ///< Deliveries refused because a shard's inbox was full.

  // The process
  log_failures,  ///< Log lines of the whole process that the log sink threw at.

  count_,  ///< How many there are; not a counter.
};

inline constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::count_);

/// The counter's name as written above, for logs and metrics.
WSCAST_EXPORT std::string_view to_string(Counter counter) noexcept;

/// What one shard holds.
struct ShardStats {
  std::uint64_t connections = 0;    ///< In any state, those on their way to it included.
  std::uint64_t authenticated = 0;  ///< Clients.
  std::uint64_t inbox_bytes = 0;    ///< Messages from other threads that wait for it.
};

/// A copy of a server's numbers at one moment.
struct Stats {
  std::array<std::uint64_t, kCounters> counters{};
  std::uint64_t connections = 0;    ///< Open now, in any state.
  std::uint64_t clients = 0;        ///< Open WebSocket connections now.
  std::uint64_t authenticated = 0;  ///< Of these, authenticated.
  std::vector<ShardStats> shards{};

  std::uint64_t operator[](Counter counter) const {
    return counters[static_cast<std::size_t>(counter)];
  }
};

}  // namespace wscast
