#include "broker/redis/startup.h"

#include <algorithm>
#include <utility>

#include "broker/redis/connection/connection.h"

namespace wscast::redis {

std::chrono::milliseconds startup_wait_of(const RedisOptions& options) {
  return std::min<std::chrono::milliseconds>(options.startup_wait, std::chrono::hours(24 * 36'500));
}

std::chrono::milliseconds start_timeout_of(const RedisOptions& options) {
  return std::max(startup_wait_of(options), options.ready_timeout);
}

std::string ready_timeout_text(const RedisOptions& options, const Connection& late) {
  return "Redis client did not become ready within " +
         std::to_string(start_timeout_of(options).count()) +
         "ms (status: " + std::string(late.status()) + ")";
}

StartVerdict start_verdict(const Connection& connection, bool was_ready, SteadyTime now,
                           SteadyTime waits_until) {
  if (connection.may_succeed_later() && now < waits_until) return StartVerdict::wait;
  return was_ready || connection.unresponsive() ? StartVerdict::go_on : StartVerdict::fail;
}

Startup::Startup(boost::asio::io_context& loop, const RedisOptions& options, const Clock& clock,
                 Ready ready, std::function<void()> on_timeout)
    : ready_(std::move(ready)), timer_(loop, std::move(on_timeout)) {
  const auto now = clock.now();
  waits_until_ = now + startup_wait_of(options);
  timer_.fire_by(now + start_timeout_of(options));
}

void Startup::finish(const std::optional<std::string>& failure) {
  if (!ready_) return;
  timer_.cancel();
  std::exchange(ready_, nullptr)(failure);
}

}  // namespace wscast::redis
