#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/random.h"
#include "broker/redis/discovery/redis_url.h"

namespace wscast::redis {

/// Selects where to look for Redis next. One attempt tries each host of the URL, and some of the
/// nodes that a Cluster named. It begins with the host that led to the last connection, so that a
/// Sentinel or node that hangs delays only one attempt. No I/O.
class EndpointSelector {
 public:
  struct Candidate {
    Host host;
    bool is_sentinel = false;  ///< Ask it for the master; else it is the Redis to use.
  };

  /// Nodes that the URL does not name, tried in one attempt. The next attempt goes on with others:
  /// unreachable ones must not keep the URL's hosts waiting for long.
  static constexpr std::size_t kMaxNodesPerAttempt = 4;

  /// `url` and `random` must outlive it. For a Cluster the first node is chosen at random.
  EndpointSelector(const RedisUrl& url, Random& random);

  /// Begins an attempt.
  void begin();

  /// The next host to try; nothing when all were tried.
  std::optional<Candidate> next();

  /// The master that a Sentinel named: the next candidate, unless this attempt has tried it.
  void set_master(Host master);

  /// All nodes that the Cluster has now, used from the next attempt on. No-op if empty.
  void set_nodes(std::vector<Host> nodes);

  /// The last candidate led to a connection; that connection was lost.
  void on_connected();
  void on_lost();

 private:
  void plan_nodes();

  const RedisUrl& url_;
  Random& random_;
  std::size_t first_ = 0;      ///< Index into url_.hosts, for the next attempt.
  std::vector<Host> nodes_;    ///< Named by the Cluster, without the URL's; shuffled.
  std::size_t next_node_ = 0;  ///< Index into nodes_, for the next attempt.
  std::optional<Host> node_;   ///< One of nodes_ that worked: the first of the next attempt.

  std::vector<Host> plan_;  ///< The hosts of this attempt.
  std::size_t tried_ = 0;   ///< How many of plan_ were returned.
  std::optional<Host> master_;
  std::vector<Host> masters_tried_;
};

}  // namespace wscast::redis
