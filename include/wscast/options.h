#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "wscast/constants.h"

namespace wscast {

/// Compression of messages, permessage-deflate (RFC 7692; protocol.md T7; the reference's
/// `perMessageDeflate`). It trades CPU for bandwidth. Sizes are in bytes; the initialisers are the
/// defaults. `Fixed`: cannot change while the server runs (Server::update_options()).
struct DeflateOptions {
  /// Whether to accept the compression that a client offers. Fixed.
  bool enabled = false;

  /// Shorter messages are sent as they are.
  std::size_t threshold = 128;

  /// How hard to compress, 1 (fast) to 9 (small), as zlib defines it. Fixed.
  std::size_t level = 6;

  /// Memory of each compressor, 1 to 9, as zlib defines it: 2^(memory_level + 9) bytes beside the
  /// 2^(window bits + 2) of its window. A shard has one for each size of window in use. Fixed.
  std::size_t memory_level = 8;

  /// The largest window to compress with: 2^max_window_bits bytes, 9 to 15. Clients may ask for a
  /// smaller one. Fixed.
  std::size_t max_window_bits = 15;

  /// The longest message, inflated, that a client may send before it is authenticated; a longer one
  /// closes it with 1009. Afterwards `TransportOptions::max_payload_length` is the limit.
  std::size_t max_inflated_before_auth = 16 * 1024;
};

/// How a server writes to its connections. `io_uring` sends what many connections have to write by
/// one system call, where the kernel allows it (Linux 5.18; containers often forbid it). Everything
/// else is the same.
enum class Io : std::uint8_t {
  automatic,  ///< `io_uring` if it can be used, else `epoll`; a log line says why.
  epoll,      ///< A system call for each connection.
  uring,      ///< `io_uring`; if it cannot be used, Server's constructor throws.
};

/// Limits and times of connections (protocol.md section 5; the reference's `serverOptions`). Sizes
/// are in bytes; the initialisers are the defaults. Server::update_options() changes them while the
/// server runs, also for open connections, unless a comment says `Fixed`.
struct TransportOptions {
  /// The longest message that a client may send; a longer one closes it with 1009 (protocol.md T2).
  std::uint64_t max_payload_length = 128 * 1024;

  /// Off by default, as in the reference.
  DeflateOptions per_message_deflate{};

  /// How long a client may send no byte before its connection is closed, without a close frame
  /// (protocol.md T3, O12). 0: no limit.
  std::chrono::milliseconds idle_timeout{60'000};

  /// Whether to ping silent clients in time, so that live ones never reach `idle_timeout`
  /// (protocol.md T4).
  bool send_pings = true;

  /// Fixed.
  Io io = Io::automatic;

  /// A message is dropped for a client that already has more than this unsent (protocol.md T5). A
  /// queued message counts its bytes on the wire and 160 more, for what else it costs in memory.
  std::size_t backpressure_limit = 1024 * 1024;

  /// Whether to close such a client with 4008 `Slow consumer` instead (protocol.md T6, O9).
  bool close_on_backpressure_limit = false;

  /// The kernel's send buffer of each connection (SO_SNDBUF), which does not count towards
  /// `backpressure_limit` (protocol.md T13). Fixed.
  int send_buffer = 256 * 1024;

  /// The longest request head, and the most header fields in it; beyond either the response is 431.
  /// A change is for connections that come after it.
  std::size_t max_head_bytes = 16 * 1024;
  std::size_t max_head_fields = 100;

  /// How long a request head may be incomplete; then the response is 408. 0: no limit.
  std::chrono::milliseconds head_timeout{10'000};

  /// How long a message may be incomplete; then the client is closed with 1008. 0: no limit.
  std::chrono::milliseconds message_timeout{30'000};

  /// How long a close frame may stay without one in return, and how long a peer may take no byte of
  /// what was sent before the end; then the connection is reset. 0: no limit.
  std::chrono::milliseconds close_timeout{5'000};

  /// How long a connection that has ended on one side may last in all: while a slow peer receives
  /// what was sent to it, and hooks handle what it sent. 0: no limit.
  std::chrono::milliseconds drain_timeout{300'000};

  /// Open connections of the whole process; more get 503 (protocol.md O14). 0: the limit of open
  /// descriptors, less a reserve for the program's own files and connections. A lower limit closes
  /// nobody: more come when enough have left; the same holds for the next two.
  std::size_t max_connections = 0;

  /// WebSocket connections, of the above, that have not authenticated yet; more get 503. 0: a
  /// quarter of `max_connections`, but at least 1,000.
  std::size_t max_unauthenticated_connections = 0;

  /// Connections of one IP address, or of one /64 network for IPv6; more get 503. Those that a
  /// trusted proxy makes count for the client that it names; when it names none, they do not count.
  /// 0: no limit; connections that come meanwhile do not count later either.
  std::size_t max_connections_per_address = 0;

  /// Authentications of one IP address, or of one /64 network for IPv6, that the authenticate hook
  /// may reject within a minute; then new connections of that address get 429 until the minute is
  /// over (protocol.md X8). Addresses are those of `max_connections_per_address`. At most 10,000
  /// are counted at the same time. 0: no limit.
  std::size_t max_failed_authentications_per_address = 0;

  /// Proxies that are believed what they say of a client's address: addresses, networks such as
  /// `10.0.0.0/8` or `2001:db8::/32`, or `unix` for all peers of Unix sockets. From a connection of
  /// one of them the address is read from the request's `Forwarded` (RFC 7239), or from
  /// `X-Forwarded-For` if there is none: the right-most that is not itself such a proxy. It is then
  /// the address in `remote_address()`, in logs and for `max_connections_per_address`. A proxy must
  /// remove the field that it does not write itself, since its clients may have sent it. Empty:
  /// the address is that of the connection's peer. Fixed.
  std::vector<std::string> trusted_proxies{};

  /// Whether a client that is subscribed to a topic receives what it publishes to the topic through
  /// its ClientSocket (protocol.md T8). Fixed.
  bool publish_to_self = false;
};

/// Which clients are encrypted (protocol.md M17; the reference has off and required, its
/// `requireEncryption`).
enum class Encryption : std::uint8_t {
  off,
  optional,  ///< Those whose `authenticate` data has a `publicKey`.
  required,  ///< All; a client that cannot be encrypted is closed with 4004 (O6, O7).
};

/// What one client may do, and how long it may take (protocol.md section 1). The initialisers are
/// the defaults. Server::update_options() changes them while the server runs, also for connected
/// clients, unless a comment says `Fixed`.
struct SessionOptions {
  /// How long a client may take to send `authenticate`; then it is closed with 4001. So is a client
  /// whose authenticate or handshake hook is still open three times as long after `authenticate`
  /// (protocol.md O1, O2, T9). Must be positive. A change is for clients that connect, or send
  /// `authenticate`, after it.
  std::chrono::milliseconds auth_timeout{5'000};

  /// How long a client whose identity has expired (Identity::expires_in) may take to send
  /// `authenticate` again; then it is closed with 4003 (protocol.md X4). 0: it is closed at once.
  std::chrono::milliseconds expiry_grace{30'000};

  /// Authenticated clients that one user may have on this server. One more is sent error `Too many
  /// connections`, and closed with 4011 (protocol.md X6). Clients without a user do not count. 0:
  /// no limit.
  std::size_t max_clients_per_user = 0;

  /// How often to look for silent clients, and how long an authenticated client may send no message
  /// before it is closed with 4002 (protocol.md O3, M13, T9). Both must be positive.
  std::chrono::milliseconds heartbeat_interval{30'000};
  std::chrono::milliseconds heartbeat_timeout{90'000};

  /// Rooms that every client joins when it is authenticated, without the validate-rooms hook
  /// (protocol.md M17, T11). Fixed.
  std::vector<std::string> default_rooms{std::string(defaults::room),
                                         std::string(defaults::notification_room)};

  /// Messages, pings and pongs that a client may send before it is authenticated, and their bytes;
  /// beyond either it is closed with 4010 (protocol.md O10).
  std::size_t max_messages_before_auth = 64;
  std::size_t max_bytes_before_auth = 64 * 1024;

  /// Rooms that one `join` or `leave` may name, and rooms that one client may be in; beyond either
  /// the client is sent error `Too many rooms`, and the rest is not joined (protocol.md O13). A
  /// lower limit takes no client out of a room.
  std::size_t max_rooms_per_join = 1'000;
  std::size_t max_rooms_per_client = 1'000;

  /// Messages of one client that may wait while a hook of it runs; then the server stops reading
  /// from it. So it does when they take more memory than `TransportOptions::backpressure_limit`.
  /// What a transport that cannot pause delivers all the same is dropped and counted as over the
  /// rate (protocol.md M14, O11).
  std::size_t max_waiting_messages = 16;

  /// Levels of nested arrays and objects that a message may have, 1 to 256; a deeper one is not
  /// valid JSON to the server (protocol.md M15).
  std::size_t max_json_depth = 256;

  /// Messages, pings and pongs per second that one client may send. Beyond it they are dropped,
  /// counted and reported to the client; 5 such seconds in a row close it with 4009 (protocol.md
  /// O11). 0: no limit.
  std::size_t message_rate = 0;

  /// Rooms per second that one client's `join` and `leave` may name, at least one per message; the
  /// consequence is that of `message_rate`. A message is handled if anything is left of the rate;
  /// what it names beyond that is taken from the seconds that follow (protocol.md O11). 0: no
  /// limit.
  std::size_t join_rate = 0;

  /// Bytes of messages per second that one client may send, inflated if they came compressed; those
  /// of pings and pongs count, too. The consequence is that of `message_rate`. A message is handled
  /// if anything is left of the rate; what it is longer than that is taken from the seconds that
  /// follow, so that one of `TransportOptions::max_payload_length` always passes (protocol.md X5).
  /// 0: no limit.
  std::size_t byte_rate = 0;

  /// Which clients the handshake hook and the outbound transformer are for; without a transformer
  /// it must be off (protocol.md E7). ServerOptions::encryption is the ready-made encryption.
  /// Fixed.
  Encryption encryption = Encryption::off;

  /// Whether an authenticated client is told by an event `dropped` that messages to it were lost
  /// (protocol.md X2, X3). Off: it is not, as with the reference, and drops are only counted.
  bool notify_dropped = true;

  /// Calls of the outbound transformer that may be open at once on one shard (protocol.md E2, T10).
  std::size_t encrypted_batch_limit = 10;

  /// How long the outbound transformer may keep its Reply. Then the message is lost and counted
  /// (`transform_failures`), and a later reply is a no-op. Must be positive (protocol.md E2, E4).
  std::chrono::milliseconds transform_timeout{5'000};
};

}  // namespace wscast
