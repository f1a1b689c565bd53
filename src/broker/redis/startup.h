#pragma once

#include <algorithm>
#include <chrono>
#include <string>

#include "wscast/redis.h"

namespace wscast::redis {

/// RedisOptions::startup_wait; for ever is a hundred years, which can be added to a time.
inline std::chrono::milliseconds startup_wait_of(const RedisOptions& options) {
  return std::min<std::chrono::milliseconds>(options.startup_wait, std::chrono::hours(24 * 36'500));
}

/// After how long a start fails whatever happens (protocol.md R9).
inline std::chrono::milliseconds start_timeout_of(const RedisOptions& options) {
  return std::max(startup_wait_of(options), options.ready_timeout);
}

inline std::string in_milliseconds(std::chrono::milliseconds duration) {
  return std::to_string(duration.count()) + "ms";
}

}  // namespace wscast::redis
