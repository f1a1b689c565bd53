#include "redis_flags.h"

#include <algorithm>
#include <cstddef>
#include <stdexcept>

#include <CLI/CLI.hpp>

#include "wscast/option_faults.h"

#include "flags.h"

namespace wscast::program {
namespace {

constexpr const char* kGroup = "Redis";
constexpr std::size_t kMaxBulkBytes = 512 * 1024 * 1024;  // Redis' proto-max-bulk-len.

/// Raises the other limits so that a message of `max_publish_bytes` fits into what may wait for
/// Redis, and is accepted by servers with the same flags.
void make_room_for_publishes(RedisOptions& redis) {
  redis.max_unsent_bytes = std::max(redis.max_unsent_bytes, 2 * redis.max_publish_bytes);
  redis.max_receive_bytes = std::max(redis.max_receive_bytes, redis.max_publish_bytes);
}

}  // namespace

std::optional<RedisOptions> RedisArguments::read() const {
  if (url.empty()) return std::nullopt;
  RedisOptions redis = options;
  redis.url = url;
  redis.subscribe = subscribe == "patterns" ? RedisSubscribe::patterns : RedisSubscribe::exact;
  make_room_for_publishes(redis);
  const std::string faults = joined_faults(redis.validate());
  if (!faults.empty()) throw std::invalid_argument("--redis: " + faults);
  return redis;
}

void add_redis_flags(CLI::App& app, RedisArguments& arguments) {
  Flags flags(app, kGroup);
  flags.text("--redis", arguments.url, "URL",
             "The Redis that connects the servers: redis://, rediss:// (TLS), unix://, "
             "redis-sentinel:// or "
             "redis-cluster://. A password is safer in the environment");
  app.get_option("--redis")->envname("WSCAST_REDIS");
  flags.text("--redis-prefix", arguments.options.prefix, "TEXT",
             "Prefix of every channel. Two systems on one Redis need different ones: a database "
             "number does not separate Pub/Sub");
  flags.size("--redis-max-publish-bytes", arguments.options.max_publish_bytes,
             "The longest message that is published; use the same on every server",
             {.least = 1, .most = kMaxBulkBytes});
  flags.duration_or_forever(
      "--redis-wait", arguments.options.startup_wait,
      "How long to wait at the start for a Redis that cannot be reached yet; 0: do not wait");
  app.get_option("--redis-wait")->envname("WSCAST_REDIS_WAIT");
  flags.text(
      "--redis-tls-ca-file", arguments.options.tls_ca_file, "FILE",
      "The certificates that may sign the one of Redis (PEM); none: those that the system trusts");
  flags.text("--redis-tls-certificate-file", arguments.options.tls_certificate_file, "FILE",
             "The certificate to show to Redis (PEM)");
  flags.text("--redis-tls-key-file", arguments.options.tls_key_file, "FILE", "Its key (PEM)");
}

void add_redis_subscribe_flag(CLI::App& app, RedisArguments& arguments) {
  Flags flags(app, kGroup);
  flags.choice(
      "--redis-subscribe", arguments.subscribe, {"exact", "patterns"},
      "Subscribe to the channels that this server's clients need, or to patterns that match all "
      "channels");
}

}  // namespace wscast::program
