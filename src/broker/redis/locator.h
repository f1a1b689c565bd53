#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/random.h"
#include "broker/redis/redis_url.h"

namespace wscast::redis {

/// Says where to look for Redis next. In one attempt each host of the URL has its turn, and of a
/// Cluster some of the nodes that it named; it begins with the one that did last time, so that a
/// Sentinel or node that hangs costs its wait but once. No I/O.
class Locator {
 public:
  struct Step {
    Host host;
    bool is_sentinel = false;  ///< Ask it for the master; else it is the Redis to use.
  };

  /// Nodes that the URL does not name, tried in one attempt. The next attempt goes on with others:
  /// those that cannot be reached from here must not keep the URL's hosts from their turn for long.
  static constexpr std::size_t kMaxNodesPerAttempt = 4;

  /// `url` and `random` must outlive it. Servers begin with different nodes of a cluster.
  Locator(const RedisUrl& url, Random& random);

  /// A new attempt.
  void begin();

  /// Where to turn next; nothing when all was tried.
  std::optional<Step> next();

  /// What the Sentinel named; next() says it once an attempt.
  void found_master(Host master);

  /// All nodes that the Cluster has now, from the next attempt on. No-op if there are none.
  void learn(std::vector<Host> nodes);

  /// The link that it led to was made, or was lost again.
  void reached();
  void lost();

 private:
  void plan_nodes();

  const RedisUrl& url_;
  Random& random_;
  std::size_t first_ = 0;      ///< Of url_.hosts, in the next attempt.
  std::vector<Host> nodes_;    ///< Learned, without the URL's; in an order of our own.
  std::size_t next_node_ = 0;  ///< Of nodes_, in the next attempt.
  std::optional<Host> node_;   ///< A learned one that serves: the first in the next attempt.

  std::vector<Host> plan_;  ///< Of this attempt.
  std::size_t tried_ = 0;   ///< Of plan_.
  std::optional<Host> master_;
  std::vector<Host> masters_tried_;
};

}  // namespace wscast::redis
