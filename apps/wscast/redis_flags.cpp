#include "redis_flags.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <stdexcept>
#include <utility>

#include <CLI/CLI.hpp>

#include "wscast/option_faults.h"

#include "config/assignments.h"
#include "config/option_flags.h"
#include "config/serve_options.h"

namespace wscast::program {
namespace {

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
  const auto table = std::make_shared<OptionTable>();
  const auto flags = std::make_shared<Assignments>();
  describe_redis_options(*table, arguments);
  add_flags(app, *table, *flags);
  app.parse_complete_callback([table, flags] {
    auto faults = assign(environment_of(*table), *table);
    std::ranges::move(assign(*flags, *table), std::back_inserter(faults));
    for (std::string& fault : table->read_secret_files()) faults.push_back({{}, std::move(fault)});
    if (!faults.empty()) throw ConfigurationError(std::move(faults));
  });
}

}  // namespace wscast::program
