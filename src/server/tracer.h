#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/trace.h"

#include "base/clock.h"
#include "base/random.h"
#include "server/directory.h"
#include "server/shard_command.h"
#include "server/trace_log.h"
#include "server/traced_message.h"

namespace wscast::server {

/// The traces of one server: finds those that follow a message. Costs one relaxed load a message
/// while there is none. Any thread.
class Tracer {
 public:
  static constexpr std::size_t kMaxTraces = 8;
  static constexpr std::chrono::seconds kKept{60};  ///< How long a trace that ended can be read.

  /// All of them must outlive it.
  Tracer(const Directory& directory, Random& random, const Clock& clock)
      : directory_(directory), random_(random), clock_(clock) {}

  /// The calls of those names of Server.
  std::error_code start(const StartTrace& start);
  std::optional<TraceReport> report(std::string_view id) const;
  bool stop(std::string_view id);

  /// Whether any message may be followed.
  bool active() const { return active_.load(std::memory_order_relaxed); }

  /// Follows the message; null if no trace does, or there is no memory. `id`: that a server gave it
  /// (protocol.md X12); empty: a new one.
  std::shared_ptr<TracedMessage> follow(const FanOut& fan_out, std::string_view id = {}) noexcept;

  /// The same of a message of `bytes` that was just taken, and becomes FanOut::origin's trace.
  std::shared_ptr<TracedMessage> take(FanOut& fan_out, TraceStep step, std::string_view event,
                                      std::size_t bytes, std::string_view id = {});

 private:
  using Logs = std::vector<std::shared_ptr<TraceLog>>;

  Logs::const_iterator find(std::string_view id) const;
  void update(SteadyTime now);
  std::optional<TracedMessage::Follower> follower(const std::shared_ptr<TraceLog>& log,
                                                  const FanOut& fan_out) const;
  bool reaches(const FanOut& fan_out, const ClientId& client) const;

  const Directory& directory_;
  Random& random_;
  const Clock& clock_;
  std::atomic<bool> active_{false};
  mutable std::mutex mutex_;  ///< Guards what follows.
  Logs logs_;
};

}  // namespace wscast::server
