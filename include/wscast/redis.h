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

/// Which channels a server listens to on Redis.
enum class RedisSubscribe : std::uint8_t {
  exact,     ///< Those of the clients, users and rooms that it has. It receives what they need.
  patterns,  ///< `ws:room:*` and so on, as the reference does: it receives everything.
};

/// Where Redis (or Valkey, which speaks the same) is, and how to talk to it.
struct RedisOptions {
  /// One of
  ///
  ///     redis://[USER[:PASSWORD]@]HOST[:6379][/DATABASE]
  ///     rediss://...                                     the same over TLS
  ///     unix://[USER[:PASSWORD]@]/PATH[?db=DATABASE]
  ///     redis-sentinel://[USER[:PASSWORD]@]HOST[:26379][,HOST...]/NAME[?db=DATABASE]
  ///     redis-cluster://[USER[:PASSWORD]@]HOST[:6379][,HOST...]
  ///
  /// A Cluster is asked for its other nodes, which are used when those named here are gone.
  /// `:PASSWORD@` alone is the default user's. User and password are percent-decoded. Pub/Sub knows
  /// no databases: two systems on one Redis need a `prefix` each.
  std::string url = "redis://127.0.0.1:6379";

  /// Stands before `ws:` in the name of every channel.
  std::string prefix{};

  RedisSubscribe subscribe = RedisSubscribe::exact;

  // Of TLS (`rediss://`, and the other schemes with `tls`). Files in PEM.
  bool tls = false;
  std::string tls_ca_file{};           ///< Empty: the system's.
  std::string tls_certificate_file{};  ///< Of this client, if Redis asks for one.
  std::string tls_key_file{};

  /// Names the links in Redis' CLIENT LIST.
  std::string client_name = "wscast";

  /// How long the first connection may take when Redis is silent (protocol.md R9).
  std::chrono::milliseconds ready_timeout{30'000};

  /// How long `configure()` goes on trying while Redis is not there yet: nobody takes the
  /// connection, a name is not resolved, Redis is loading, or has no master yet. 0: it fails at
  /// once (protocol.md R9). `std::chrono::milliseconds::max()`: for ever. A refused login fails at
  /// once, since waiting does not mend it. When it is longer than `ready_timeout` it replaces that.
  std::chrono::milliseconds startup_wait{0};

  /// How long Redis may stay silent: on a new link, and to a PUBLISH or SUBSCRIBE.
  std::chrono::milliseconds answer_timeout{1'000};

  /// How often a probe goes round through Redis, and when a link that none came back on is dialled
  /// anew.
  std::chrono::milliseconds probe_interval{500};
  std::chrono::milliseconds probe_timeout{2'000};

  /// The wait before a lost link is dialled again, chosen anew each time, never growing.
  std::chrono::milliseconds min_reconnect_delay{100};
  std::chrono::milliseconds max_reconnect_delay{400};

  /// A channel without members here is kept for so long: they often come back.
  std::chrono::milliseconds unsubscribe_after{1'000};

  /// Bytes of a message that is published; a longer one is refused.
  std::size_t max_publish_bytes = 1024 * 1024;

  /// Bytes of a message that is taken from Redis; a longer one is dropped (protocol.md R11). At
  /// least `max_publish_bytes`.
  std::size_t max_receive_bytes = 8 * 1024 * 1024;

  /// Bytes that may wait for Redis on one link, and 256 more for each message that Redis has not
  /// answered; beyond it a message is answered Backplane::down. At least `max_publish_bytes`.
  std::size_t max_unsent_bytes = 16 * 1024 * 1024;

  /// All that is wrong with these options, one sentence each; empty when they will do.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

/// A broker on Redis Pub/Sub, on the reference's wire (protocol.md section 3). Throws
/// std::invalid_argument that names all faults of the options. For one Server, once.
WSCAST_EXPORT std::shared_ptr<Broker> redis_broker(RedisOptions options);

}  // namespace wscast
