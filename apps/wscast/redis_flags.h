#pragma once

#include <optional>
#include <string>

#include "wscast/redis.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// Which Redis, as flags say it.
struct RedisArguments {
  std::string url;  ///< Empty: none.
  std::string subscribe = "exact";

  /// All else that flags set.
  RedisOptions options;

  /// Nothing when there is no URL. Throws std::invalid_argument that names all faults.
  std::optional<RedisOptions> read() const;
};

/// Adds `--redis` and what goes with it; `arguments` is filled when `app` parses, and must outlive
/// it.
void add_redis_flags(CLI::App& app, RedisArguments& arguments);

/// Adds `--redis-subscribe`, which is for servers.
void add_redis_subscribe_flag(CLI::App& app, RedisArguments& arguments);

}  // namespace wscast::program
