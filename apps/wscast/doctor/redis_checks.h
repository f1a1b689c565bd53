#pragma once

#include "wscast/redis.h"

#include "doctor/finding.h"
#include "doctor/redis_facts.h"

namespace wscast::program {

/// Looks at what a Redis says of itself.
Findings check_redis(const RedisFacts& facts, const RedisOptions& options);

/// Whether the Redis is on this machine, as far as its URL says.
bool is_local_redis(const std::string& url);

}  // namespace wscast::program
