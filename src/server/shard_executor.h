#pragma once

#include <chrono>
#include <functional>

#include "base/clock.h"
#include "base/counters.h"

namespace wscast::server {

/// The thread of one shard, as the parts of the server use it: they run on a net::Shard through
/// NetShardExecutor, and on a fake in unit tests. Shard thread only, except post().
class ShardExecutor {
 public:
  virtual ~ShardExecutor() = default;

  /// Runs `task` on the shard's thread, never inside the call. Throws std::bad_alloc: it does not
  /// run. Any thread.
  virtual void post(std::function<void()> task) = 0;

  /// Runs `task` once on the shard's thread, after `delay`.
  virtual void after(std::chrono::milliseconds delay, std::function<void()> task) = 0;

  /// Runs `task` on the shard's thread every `period`, until it returns false. Only the call itself
  /// needs memory.
  virtual void every(std::chrono::milliseconds period, std::function<bool()> task) = 0;

  /// A loop iteration will follow even if no socket is ready.
  virtual void request_iteration() noexcept = 0;

  /// As net::Shard has them.
  virtual void begin_fan_out() noexcept {}
  virtual void end_fan_out() noexcept {}

  /// The time as of the current phase of the loop: cheaper than the clock's.
  virtual SteadyTime now() const = 0;
  virtual const Clock& clock() const = 0;
  virtual Counters& counters() = 0;
};

}  // namespace wscast::server
