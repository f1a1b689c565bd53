#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wscast/constants.h"

namespace wscast {

/// How connections are read, written and timed (protocol.md section 5; the reference's
/// `serverOptions`). Sizes are bytes; a duration of 0 switches its check off.
struct TransportOptions {
  /// The longest message taken from a client; a longer one closes with 1009 (T2).
  std::uint64_t max_payload_length = 128 * 1024;

  /// A client that sends no byte for so long is disconnected, without a close frame (T3).
  std::chrono::milliseconds idle_timeout{60'000};

  /// Whether silent clients are pinged, so that live ones never meet `idle_timeout` (T4).
  bool send_pings = true;

  /// A message is dropped for a client that already has more than this unsent (T5). A message that
  /// waits counts its bytes on the wire and 160 more, for what it costs in memory besides.
  std::size_t backpressure_limit = 1024 * 1024;

  /// Close such a client with 4008 `Slow consumer` instead (T6).
  bool close_on_backpressure_limit = false;

  /// The kernel's send buffer of each connection (SO_SNDBUF), outside `backpressure_limit` (T13).
  int send_buffer = 256 * 1024;

  /// The longest request head, and the most fields in it; more is answered 431.
  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_head_fields = 100;

  /// A request head that is not whole by then is answered 408.
  std::chrono::milliseconds head_timeout{10'000};

  /// A message that is not whole by then closes with 1008.
  std::chrono::milliseconds message_timeout{30'000};

  /// A close frame that is not answered by then ends in a reset; so does a connection whose peer
  /// took no byte for so long of what was sent before the end.
  std::chrono::milliseconds close_timeout{5'000};

  /// How long a connection that has ended on one side may take for the rest: a slow peer for what
  /// was sent to it, hooks for what it sent.
  std::chrono::milliseconds drain_timeout{300'000};

  /// Open connections of the whole process; more are answered 503. 0: the descriptor limit less a
  /// reserve for files and links of the program's own.
  std::size_t max_connections = 0;

  /// Of these, WebSockets that have not authenticated yet; more are answered 503. 0: a quarter of
  /// `max_connections`, but at least 1,000.
  std::size_t max_unauthenticated = 0;

  /// Connections of one address (of one /64 network, for IPv6); more are answered 503. 0: no limit.
  std::size_t max_connections_per_address = 0;

  /// Whether what a client publishes through its ClientSocket comes back to it (T8).
  bool publish_to_self = false;
};

/// Which clients are encrypted (protocol.md M17; the reference knows off and required, its
/// `requireEncryption`).
enum class Encryption : std::uint8_t {
  off,
  optional,  ///< Those whose `authenticate` data has a `publicKey`.
  required,  ///< All.
};

/// What one client may do, and how long it may take (protocol.md section 1 and T9, T11).
struct SessionOptions {
  /// A client that has not sent `authenticate` by then is closed with 4001; one whose
  /// authentication is still undecided after three times as long, too (O1, O2).
  std::chrono::milliseconds auth_timeout{5'000};

  /// How often silent clients are looked for, and how long an authenticated one may be silent
  /// before it is closed with 4002 (O3).
  std::chrono::milliseconds heartbeat_interval{30'000};
  std::chrono::milliseconds heartbeat_timeout{90'000};

  /// Rooms that every client is in once it is authenticated, whatever the validate-rooms hook says.
  std::vector<std::string> default_rooms{std::string(defaults::room),
                                         std::string(defaults::notification_room)};

  /// Messages, pings and pongs before authentication, and their bytes; more closes with 4010 (O10).
  std::size_t max_messages_before_auth = 64;
  std::size_t max_bytes_before_auth = 64 * 1024;

  /// Rooms that one `join` or `leave` may name, and that one client may be in; more is answered
  /// with an error, and the rest is not joined (O13).
  std::size_t max_rooms_per_join = 1'000;
  std::size_t max_rooms_per_client = 1'000;

  /// Messages of one client that wait while a hook of it runs; then it is not read. Nor is it when
  /// they take more memory than `TransportOptions::backpressure_limit`; what a connection that
  /// cannot hold back brings all the same is dropped then, as if it were over the rate (O11).
  std::size_t max_waiting_messages = 16;

  /// Arrays and objects inside each other that a message may have; at most 256 (M15).
  std::size_t max_json_depth = 256;

  /// Messages, pings and pongs a second that a client may send; what is over is dropped, counted
  /// and reported to it, and 5 seconds of it in a row close with 4009 (O11). 0: no limit.
  std::size_t message_rate = 0;

  /// Rooms a second that its `join` and `leave` may name, each message one at least. One is handled
  /// while anything is left of the rate, however many it names, so that bursts are bounded by
  /// `max_rooms_per_join`; what it names over the rate is made up for before the next (O11).
  /// 0: no limit.
  std::size_t join_rate = 0;

  /// Which clients the handshake hook and the outbound transformer are for. ServerOptions has the
  /// ready-made encryption.
  Encryption encryption = Encryption::off;

  /// Outbound transformations that run at once on one shard (T10, E2).
  std::size_t encrypted_batch_limit = 10;

  /// How long the outbound transformer may keep its Reply; then the message counts as failed
  /// (`transform_failures`), its place is free, and a later reply does nothing. Not 0 (E2, E4).
  std::chrono::milliseconds transform_timeout{5'000};
};

}  // namespace wscast
