#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/redis.h"

#include "base/random.h"
#include "broker/redis/redis_url.h"
#include "broker/redis/resp_reader.h"

namespace boost::asio {
class io_context;
}

namespace wscast::redis {

/// One connection to Redis that is dialled anew whenever it is lost. It finds the server (Sentinel,
/// Cluster), speaks TLS, logs in, selects the database, names itself, and then carries commands out
/// and replies in. Everything happens on the loop's thread.
class Link {
 public:
  /// Called from the loop, never inside a call to the link. It may call the link, but not destroy
  /// it.
  class Handler {
   public:
    virtual ~Handler() = default;

    /// Logged in; nothing was sent or received yet.
    virtual void on_ready() = 0;

    /// The next reply, in the order of the commands; or what a subscribed link is told. Views in it
    /// are valid during the call. Reply::Kind::oversize is what is more than 64 KiB over
    /// RedisOptions::max_receive_bytes; what is nearer to it is for the handler to judge.
    virtual void on_reply(const Reply& reply) = 0;

    /// The link was lost, or (`was_ready` false) could not be made: no Sentinel, node or address
    /// led to one. `why` is for humans, has the address, and no password. It is dialled again, by
    /// itself, after a pause.
    virtual void on_lost(bool was_ready, const std::string& why) = 0;
  };

  /// `role`: what stands behind RedisOptions::client_name in CLIENT LIST, `pub` or `sub`.
  /// `options`, `random` and `handler` must outlive the link.
  Link(boost::asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
       std::string role, Random& random, Handler& handler);
  ~Link();
  Link(const Link&) = delete;
  Link& operator=(const Link&) = delete;

  void start();

  /// Queues one or more whole commands; what was queued in one iteration of the loop leaves in one
  /// write. Ignored while the link is not ready.
  void send(std::string_view commands);

  /// Gives this connection up and dials again after the usual pause; on_lost is told, from the
  /// loop.
  void redial(const std::string& why);

  /// Closes for good. No callback comes any more.
  void stop();

  bool ready() const;

  /// Bytes that the kernel has not taken yet.
  std::size_t unsent() const;

  /// Where the link stands, in a word of the reference's client: `connecting`, `connect`
  /// (connected, logging in), `ready`, `reconnecting` (waiting to dial again), `end` (stopped).
  std::string_view status() const;

  /// Whether the last attempt failed for want of answers alone: nobody refused.
  bool silent() const;

  /// Whether the last attempt may have failed only because Redis is not there yet: nobody took the
  /// connection, a name was not resolved, or it is loading. False after a refused login.
  bool may_come_later() const;

  /// All nodes that the Cluster has now; for the next attempt.
  void learn(const std::vector<Host>& nodes);

  /// Where it is connected to, or tries to.
  std::string peer() const;
  const Host& host() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace wscast::redis
