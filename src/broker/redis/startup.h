#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "wscast/redis.h"

#include "base/clock.h"
#include "broker/redis/connection/timer.h"

namespace wscast::redis {

class Connection;

/// RedisOptions::startup_wait; for ever becomes a hundred years, which can be added to a time.
std::chrono::milliseconds startup_wait_of(const RedisOptions& options);

/// After how long a start fails whatever happens (protocol.md R9).
std::chrono::milliseconds start_timeout_of(const RedisOptions& options);

/// `Redis client did not become ready within ...`, with the status of `late` (protocol.md R9).
std::string ready_timeout_text(const RedisOptions& options, const Connection& late);

/// What a start does about a lost connection or a failed attempt.
enum class StartVerdict : std::uint8_t {
  fail,
  go_on,  ///< Until the timeout.
  wait,   ///< The same, for a Redis that is not there yet.
};

/// `waits_until`: when RedisOptions::startup_wait is over.
StartVerdict start_verdict(const Connection& connection, bool was_ready, SteadyTime now,
                           SteadyTime waits_until);

/// A start that is under way: reports its outcome once. Loop thread only.
class Startup {
 public:
  /// Gets nothing on success, else the reason.
  using Ready = std::function<void(const std::optional<std::string>& failure)>;

  /// Calls `on_timeout` when RedisOptions::ready_timeout, or the longer startup_wait, is over.
  Startup(boost::asio::io_context& loop, const RedisOptions& options, const Clock& clock,
          Ready ready, std::function<void()> on_timeout);

  bool pending() const { return ready_ != nullptr; }

  /// Reports the outcome; no-op after the first call.
  void finish(const std::optional<std::string>& failure);

  /// There will be no timeout any more.
  void cancel_timeout() { timer_.cancel(); }

  SteadyTime waits_until() const { return waits_until_; }

 private:
  Ready ready_;
  Timer timer_;
  SteadyTime waits_until_;
};

}  // namespace wscast::redis
