#pragma once

#include <cstddef>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/redis.h"

#include "base/random.h"
#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/resp/resp_value.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

/// One connection to Redis that reconnects whenever it is lost. It finds the server (Sentinel,
/// Cluster), speaks TLS, authenticates, selects the database, names itself, and then carries
/// commands out and replies in. This is the I/O; what to do when is decided by ConnectionFsm. Loop
/// thread only.
class Connection {
 public:
  /// Called from the loop, never inside a call to the connection. It may call the connection, but
  /// not destroy it. When a call throws, for want of memory, the connection is given up.
  class Handler {
   public:
    virtual ~Handler() = default;

    /// The handshake is done; nothing was sent or received since.
    virtual void on_ready() = 0;

    /// The next reply, in the order of the commands, or a pushed message. Views in it are valid
    /// during the call. RespValue::Kind::oversize is what is more than 64 KiB over
    /// RedisOptions::max_receive_bytes; the handler checks what is nearer to it.
    virtual void on_reply(const RespValue& reply) = 0;

    /// What was read in one go was handled, or part of it, to be gone on with soon.
    virtual void on_read_end() {}

    /// The connection was lost, or (`was_ready` false) the attempt failed with every Sentinel, node
    /// and address. `why` is for humans, has the address, and no password. The next attempt begins
    /// by itself, after a pause.
    virtual void on_lost(bool was_ready, const std::string& why) = 0;
  };

  /// `role`: the suffix of RedisOptions::client_name in CLIENT LIST, `pub` or `sub`.
  /// `options`, `random` and `handler` must outlive the connection.
  Connection(boost::asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
             const std::string& role, Random& random, Handler& handler);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  void start();

  /// Queues one or more whole commands; what is queued in one iteration of the loop leaves in one
  /// write. No-op while the connection is not ready. Nothing is queued if it throws.
  void send(std::string_view commands);

  /// Gives the connection, or the attempt, up and tries again after the usual pause; on_lost is
  /// called from the loop.
  void reconnect(const std::string& why);

  /// The same when the owner has caught `error`, in the midst of something.
  void give_up(const std::exception& error) noexcept;

  /// Closes for good. No callback comes any more.
  void stop();

  bool ready() const;

  /// Bytes that the kernel has not taken yet.
  std::size_t unsent() const;

  /// The state in a word of the reference's client: `connecting`, `connect` (connected, in the
  /// handshake), `ready`, `reconnecting` (waiting for the next attempt), `end` (stopped).
  std::string_view status() const;

  /// Whether the last attempt failed only for missing answers: no host refused.
  bool unresponsive() const;

  /// Whether the last attempt may have failed only because Redis is not there yet: the connection
  /// was not accepted, a name was not resolved, or Redis is loading. False after a refused login.
  bool may_succeed_later() const;

  /// All nodes that the Cluster has now; used from the next attempt on. No-op if empty.
  void set_nodes(const std::vector<Host>& nodes);

  /// The host that it is connected to, or tries; and its text.
  const Host& host() const;
  std::string peer() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wscast::redis
