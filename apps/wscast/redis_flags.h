#pragma once

#include <optional>
#include <string>

#include "wscast/redis.h"

namespace CLI {  // NOLINT(readability-identifier-naming): not our name.
class App;
}

namespace wscast::program {

/// The arguments that describe the connection to Redis.
struct RedisArguments {
  std::string url;  ///< Empty: none.
  std::string subscribe = "exact";

  /// The options of all other flags.
  RedisOptions options;

  /// Returns the options; std::nullopt without a URL. Throws std::invalid_argument that names
  /// everything wrong with them.
  std::optional<RedisOptions> read() const;
};

/// Adds `--redis` and its companions to `app`; `arguments` is filled when it parses, and must
/// outlive it.
void add_redis_flags(CLI::App& app, RedisArguments& arguments);

}  // namespace wscast::program
