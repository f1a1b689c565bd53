#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "wscast/broker.h"
#include "wscast/export.h"

namespace wscast {

/// Which channels a server subscribes to on Redis.
enum class RedisSubscribe : std::uint8_t {
  exact,     ///< Those of its own clients, users and rooms: it receives only what they need.
  patterns,  ///< `ws:room:*` and so on, as the reference does: it receives all messages.
};

/// Where Redis (or Valkey, which is compatible) is, and how to use it.
struct RedisOptions {
  /// The servers, user, password and database, in one of these forms:
  ///
  ///     redis://[USER[:PASSWORD]@]HOST[:6379][/DATABASE]
  ///     rediss://...                                     the same over TLS
  ///     unix://[USER[:PASSWORD]@]/PATH[?db=DATABASE]
  ///     redis-sentinel://[USER[:PASSWORD]@]HOST[:26379][,HOST...]/NAME[?db=DATABASE]
  ///     redis-cluster://[USER[:PASSWORD]@]HOST[:6379][,HOST...]
  ///
  /// A Cluster names its other nodes, which are used when those of the URL are unreachable. Without
  /// USER the password is that of the default user. User and password are percent-decoded. Pub/Sub
  /// ignores the database: two systems on one Redis need a `prefix` each.
  std::string url = "redis://127.0.0.1:6379";

  /// Put before `ws:` in the name of every channel. All servers and emitters of one system need the
  /// same; empty is compatible with the reference.
  std::string prefix{};

  /// Which channels a server subscribes to; an emitter subscribes to none.
  RedisSubscribe subscribe = RedisSubscribe::exact;

  /// Uses TLS with the schemes other than `rediss://`, which always does. Not for `unix://`.
  bool tls = false;

  /// PEM file with the authorities that may sign Redis' certificate. Empty: those of the system.
  std::string tls_ca_file{};

  /// PEM files with the certificate of this client and its key, if Redis requires one; both or
  /// none.
  std::string tls_certificate_file{};
  std::string tls_key_file{};

  /// Names the connections in Redis' CLIENT LIST: `wscast-pub` and `wscast-sub`.
  std::string client_name = "wscast";

  /// After how long without an answer of Redis `configure()` fails (protocol.md R9).
  std::chrono::milliseconds ready_timeout{30'000};

  /// How long `configure()` goes on trying while Redis is not there yet: it refuses connections, a
  /// name is not resolved, Redis is loading, or has no master yet. 0: `configure()` fails at once.
  /// `std::chrono::milliseconds::max()`: for ever. A refused login fails at once, since waiting
  /// does not help. If longer than `ready_timeout` it replaces that (protocol.md R9).
  std::chrono::milliseconds startup_wait{0};

  /// How long Redis may take to reply on a new connection (at least a second there), to a PUBLISH
  /// (then its outcome is Backplane::unknown) and to a SUBSCRIBE (then the client goes on without).
  std::chrono::milliseconds answer_timeout{1'000};

  /// How often each server sends itself a message through Redis, and after how long without one
  /// that came back it reconnects and reports a fault.
  std::chrono::milliseconds probe_interval{500};
  std::chrono::milliseconds probe_timeout{2'000};

  /// The limits of the pause before each reconnect. It is random between them and does not grow.
  std::chrono::milliseconds min_reconnect_delay{100};
  std::chrono::milliseconds max_reconnect_delay{400};

  /// How long a server stays subscribed to a channel that it does not need any more: members often
  /// come back.
  std::chrono::milliseconds unsubscribe_after{1'000};

  /// Bytes of a message that is published, with its envelope; a longer one is refused.
  std::size_t max_publish_bytes = 1024 * 1024;

  /// Bytes of a message that comes from Redis; a longer one is dropped and counted. At least
  /// `max_publish_bytes` (protocol.md R11).
  std::size_t max_receive_bytes = 8 * 1024 * 1024;

  /// Bytes that may wait for Redis on the publishing connection, with 256 for each message that
  /// Redis has not answered; beyond it a message gets Backplane::down. At least
  /// `max_publish_bytes`. An emitter computes its own from its EmitterOptions.
  std::size_t max_unsent_bytes = 16 * 1024 * 1024;

  /// Returns all that is wrong with these options, one sentence each; empty when they are valid.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

/// Makes a broker on Redis Pub/Sub, compatible with the reference's. It can be given to one Server,
/// once. Throws std::invalid_argument that names all faults of the options. Any thread (protocol.md
/// section 3).
WSCAST_EXPORT std::shared_ptr<Broker> redis_broker(RedisOptions options);

}  // namespace wscast
