#pragma once

#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "wscast/redis.h"

#include "support/redis_process.h"

namespace wscast::faults {

/// A real Redis, and how a broker reaches it.
struct Backend {
  RedisOptions options{};                          ///< Where it is.
  std::vector<const test::RedisProcess*> nodes{};  ///< The masters.
  std::shared_ptr<void> processes{};               ///< Ends them.

  /// The options with short times: what is lost is back at once.
  RedisOptions quick_options() const;

  /// Cuts the connections of brokers and emitters, not those of Sentinels or other nodes.
  void kill_clients() const;
};

/// A kind of Redis, for a test's parameter.
struct BackendKind {
  std::string name;

  /// Started once in the program: a Cluster takes seconds.
  const Backend& (*running)();

  friend void PrintTo(const BackendKind& kind, std::ostream* out) { *out << kind.name; }
};

BackendKind plain_redis();
BackendKind tls_redis();
BackendKind sentinel_redis();  ///< Of one Sentinel.
BackendKind cluster_redis();   ///< Of three masters.

}  // namespace wscast::faults
