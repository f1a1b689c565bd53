#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/random.h"
#include "broker/redis/redis_url.h"

namespace wscast::redis {

/// Says where to look for Redis next. In one attempt each host of the URL has its turn; it begins
/// with the one that did last time, so that a Sentinel or node that hangs costs its wait but once.
/// No I/O.
class Locator {
 public:
  struct Step {
    Host host;
    bool is_sentinel = false;  ///< Ask it for the master; else it is the Redis to use.
  };

  /// `url` must outlive it. Servers begin with different nodes of a cluster.
  Locator(const RedisUrl& url, Random& random);

  /// A new attempt.
  void begin();

  /// Where to turn next; nothing when all was tried.
  std::optional<Step> next();

  /// What the Sentinel named; next() says it once an attempt.
  void found_master(Host master);

  /// The link that it led to was made, or was lost again.
  void reached() { first_ = current_; }
  void lost();

 private:
  const RedisUrl& url_;
  std::size_t first_ = 0;    ///< Of url_.hosts, in the next attempt.
  std::size_t current_ = 0;  ///< Of url_.hosts.
  std::size_t tried_ = 0;    ///< Hosts that had their turn.
  std::optional<Host> master_;
  std::vector<Host> masters_tried_;
};

}  // namespace wscast::redis
