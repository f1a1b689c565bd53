#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wscast/export.h"

namespace wscast {

/// What a server counts from its start on. Each drop, rejection and close is counted by its cause.
/// A counter's name in logs, `/stats` and metrics is its enumerator's; the table in
/// src/base/stats.cpp has the same order.
enum class Counter : std::uint8_t {
  // Connections
  connections_accepted,   ///< Accepted by a listener.
  connections_refused,    ///< Got 503, for any limit (protocol.md O14), or while draining (X7).
  connections_discarded,  ///< Over the limit and its reserve: closed without a response.
  connections_refused_unauthenticated,  ///< Over `max_unauthenticated_connections`: got 503.
  connections_refused_address,          ///< Over `max_connections_per_address`: got 503.
  connections_refused_draining,         ///< Came while the server drained: got 503 (X7).
  /// accept() failed, for instance without free descriptors, or there was no memory for the
  /// connection.
  accept_failures,
  connections_reset,    ///< The peer reset, or left without a close frame.
  connections_dropped,  ///< Cut by the server when it stopped.

  // TLS
  tls_handshakes,               ///< Complete handshakes, resumptions included.
  tls_resumptions,              ///< Those that resumed an earlier connection by a ticket.
  tls_handshake_failures,       ///< Handshakes that failed, or that the peer gave up.
  tls_handshake_timeouts,       ///< Over TlsOptions::handshake_timeout: reset.
  tls_handshakes_refused,       ///< Over TlsOptions::max_handshakes: closed.
  tls_errors,                   ///< Connections that broke TLS after their handshake: closed.
  certificate_reloads,          ///< Listeners that got other certificates.
  certificate_reload_failures,  ///< Listeners that kept theirs since a file could not be used.

  // Proxies
  proxy_untrusted,  ///< A peer that is not in `trusted_proxies` where the PROXY protocol is due.
  proxy_header_invalid,   ///< Connections that did not begin with a valid PROXY header.
  proxy_header_timeouts,  ///< Connections whose PROXY header was incomplete for `head_timeout`.

  // HTTP requests
  http_pages_served,        ///< 200.
  http_bad_request,         ///< 400.
  http_forbidden,           ///< 403: an origin that is not allowed.
  http_not_found,           ///< 404.
  http_method_not_allowed,  ///< 405.
  http_upgrade_required,    ///< 426.
  http_too_many_requests,   ///< 429: over `max_failed_authentications_per_address` (X8).
  http_head_too_large,      ///< 431: over `max_head_bytes` or `max_head_fields`.
  http_head_timeout,        ///< 408: over `head_timeout`.
  http_abandoned,           ///< The peer left before its request head was complete.
  http_handed_over,         ///< Handed over to the application (HttpHandover).
  http_handovers_refused,   ///< HandedOverConnection::refuse(): closed without a response.
  upgrades,                 ///< 101.

  // Bytes
  bytes_received,  ///< Read from peers, without what TLS and PROXY headers add.
  bytes_sent,      ///< Given to the kernel for peers, without what TLS adds.

  // WebSocket
  messages_received,       ///< Complete text and binary messages.
  batched_sends,           ///< Writes to connections that io_uring did, many by one system call.
  messages_sent,           ///< Messages queued for connections, of the server itself too.
  closed_by_peer,          ///< The peer sent a valid close frame first.
  closed_protocol_error,   ///< 1002: a violation of RFC 6455.
  closed_invalid_data,     ///< 1007: invalid UTF-8 or invalid compressed data.
  closed_message_too_big,  ///< 1009: over `max_payload_length`.
  closed_message_timeout,  ///< 1008: a message was incomplete for `message_timeout`.
  closed_idle,             ///< No byte for `idle_timeout` (protocol.md O12).
  close_timeouts,          ///< Reset: no close frame in return within `close_timeout`.
  dropped_backpressure,    ///< Messages to a client over `backpressure_limit`.
  pongs_dropped,           ///< Pongs to a client over `backpressure_limit`.

  // Compression
  deflate_connections,       ///< Upgrades that agreed on permessage-deflate (protocol.md T7).
  messages_inflated,         ///< Compressed messages received, of `messages_received`.
  inflated_bytes,            ///< Bytes of these, inflated.
  compressed_forms,          ///< Compressions of a message, for a shard and a size of window.
  compressed_forms_in_vain,  ///< Of these, those that made it no smaller: it is sent as it is.
  compressed_sends,          ///< Messages sent in a compressed form, once for each receiver.
  compressed_bytes,          ///< Bytes of these, compressed.
  compression_saved_bytes,   ///< Bytes that these were shorter.

  // Slow clients
  drop_episodes,      ///< Times that a client began to lose messages that it is then told of.
  dropped_notices,    ///< `dropped` events sent to clients (protocol.md X2, X3).
  subscription_gaps,  ///< Times that the broker's subscription was away, and came back (X3).
  gap_notices,        ///< Times that a shard told all its clients of an unknown loss (X3).

  // Sessions
  invalid_messages,               ///< Not JSON, not UTF-8, or too deep (protocol.md M1, M15).
  malformed_envelopes,            ///< JSON without a valid `event`; dropped (M2).
  not_authenticated,              ///< Events before authentication (M6).
  already_authenticated,          ///< A second `authenticate` (M5).
  unhandled_events,               ///< Events without a message hook (M9).
  authentications,                ///< Clients that were sent `connected`.
  renewals,                       ///< Identities that were renewed before the end (X4).
  closed_authentication_timeout,  ///< 4001 (O1, O2).
  closed_heartbeat_timeout,       ///< 4002 (O3).
  closed_authentication_failed,   ///< 4003: the authenticate hook rejected the client (O4).
  closed_authentication_error,    ///< 4003: the authenticate or handshake hook threw (O5).
  closed_token_expired,           ///< 4003: the identity expired, and was not renewed (X4).
  closed_too_many_connections,    ///< 4011: over `max_clients_per_user` (X6).
  closed_user_revoked,            ///< 4003: the user is revoked (X9).
  closed_shutdown,                ///< 1001: the server shut down (O8).
  closed_drained,                 ///< 1001: the server was drained (X7).
  closed_pre_auth_flood,          ///< 4010: too much before authentication (O10).
  /// Rooms of a `join` that are no valid names (M7, D14, M16), or whose channel the broker
  /// rejected.
  rooms_dropped,
  joins_refused,              ///< `join` without a validate-rooms hook (M7).
  too_many_rooms,             ///< Over `max_rooms_per_join` or `max_rooms_per_client` (O13).
  dropped_before_connected,   ///< Room messages to a member that is not authenticated yet (D14).
  dropped_in_handshake,       ///< Sends to a client whose handshake hook is open (D1).
  dropped_late,               ///< Sends that were accepted, then dropped by the client's shard.
  rate_limited,               ///< Messages over a rate of their sender (O11, X5).
  closed_rate_limit,          ///< 4009 (O11).
  closed_slow_consumer,       ///< 4008 (O9).
  closed_encryption,          ///< 4004: no handshake hook, or it rejected the client (O6, O7).
  closed_by_application,      ///< close_client(), close_user().
  raw_refused,                ///< Raw sends to encrypted clients (E1).
  transform_failures,         ///< Messages lost because they were not encrypted in time (E4).
  decryption_failures,        ///< `encrypted` messages that cannot be decrypted (S8).
  dropped_after_close,        ///< Messages whose sender disconnected before its hook could run.
  hook_failures,              ///< Hooks that threw.
  slow_hooks,                 ///< Hooks that took over 50 ms.
  closed_by_external_server,  ///< Clients whose ExternalServerHandler::close() was called first.
  transport_failures,         ///< Clients removed because a call of their ExternalTransport threw.

  // Between servers
  broker_messages,          ///< Messages of other servers and emitters that were handled.
  broker_malformed,         ///< Not a message (protocol.md R1), or too deep (R11).
  broker_unroutable,        ///< An unknown type, or no target (R3).
  broker_oversize,          ///< Over `max_receive_bytes` (R11).
  broker_unexpected,        ///< Replies of Redis that no command asked for.
  broker_connections_made,  ///< Connections to Redis that became ready: two, and the reconnects.
  broker_connections_lost,  ///< Connections to Redis that were ready, and broke or were given up.
  broker_no_deliveries,     ///< Times that no probe came back within `probe_timeout`.
  publishes_ok,             ///< Accepted by Redis.
  publishes_down,           ///< Not sent: no connection, or over `max_unsent_bytes`.
  publishes_unknown,        ///< The connection broke, or Redis did not respond in time.
  publishes_too_big,        ///< Over `max_publish_bytes`: not sent.
  subscriptions_late,       ///< Authentications and joins that did not wait for Redis any longer.
  subscriptions_refused,    ///< Channels whose subscription Redis rejected, each time (an ACL).

  server_calls,             ///< call_servers() (X11).
  server_calls_unanswered,  ///< Servers that did not respond to these in time, or failed.
  server_requests,          ///< Calls of other servers.
  server_requests_refused,  ///< Of these: no hook `server_call`, or 1,000 were being served.

  // Rooms with history
  history_publishes_ok,       ///< Messages that the broker has put into a history.
  history_publishes_down,     ///< Messages for a history that the broker did not get, or refused.
  history_publishes_unknown,  ///< Messages for a history of which the broker did not say in time
                              ///< what became of them.
  history_reads,              ///< Reads of a part of a history.
  history_caught_up,   ///< Messages that were read from a history since they had not arrived.
  history_duplicates,  ///< Messages of a history that had been delivered already.
  history_stale,       ///< Messages of a history that was over already.
  history_gaps,  ///< Times that messages of a room with history were lost for its members, who are
                 ///< told.
  history_recovered,  ///< Rooms of clients that came back and got all that they missed.
  /// Rooms of clients that came back, or read too slowly, and could not get what they missed.
  history_not_recovered,
  history_replays,  ///< Times that a client read too slowly and got messages from the history
                    ///< later.

  // Between shards
  posts_between_shards,  ///< Messages and commands passed to another shard.
  dropped_overloaded,    ///< Messages dropped because a shard was over `max_inbox_bytes`.

  // Memory
  closed_out_of_memory,   ///< Clients that were ended since there was no memory to serve them.
  dropped_out_of_memory,  ///< Messages and commands of servers and shards lost for want of memory.
  tasks_failed,           ///< Other tasks of a shard that were given up, for want of memory.

  // The process
  log_failures,  ///< Log lines of the whole process for which the log sink threw.

  count_,  ///< The number of counters; not a counter.
};

inline constexpr std::size_t kCounters = static_cast<std::size_t>(Counter::count_);

/// The name of a counter: its enumerator as written above. `unknown` for any other value.
WSCAST_EXPORT std::string_view to_string(Counter counter) noexcept;

/// The state of one shard.
struct ShardStats {
  std::uint64_t connections = 0;    ///< In any state, also those that it has yet to take over.
  std::uint64_t authenticated = 0;  ///< Authenticated clients.
  std::uint64_t inbox_bytes = 0;    ///< Messages from other threads that wait for it, in bytes.
};

/// A copy of a server's counters and state at one moment.
struct Stats {
  std::array<std::uint64_t, kCounters> counters{};
  std::uint64_t connections = 0;    ///< Open now, in any state, also handed over.
  std::uint64_t clients = 0;        ///< Open WebSocket connections now.
  std::uint64_t authenticated = 0;  ///< Those of them that are authenticated.
  std::vector<ShardStats> shards{};

  std::uint64_t operator[](Counter counter) const {
    return counters[static_cast<std::size_t>(counter)];
  }
};

}  // namespace wscast
