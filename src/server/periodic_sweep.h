#pragma once

#include <chrono>
#include <functional>
#include <utility>

#include "server/shard_executor.h"

namespace wscast::server {

/// Looks for what is overdue, once per period while there is anything to look for: one timer for
/// all entries, none while there are no entries. Shard thread only.
class PeriodicSweep {
 public:
  /// `sweep` returns whether anything is left to look for, and does not call start(). `executor`
  /// must outlive this; it must run nothing once this is destroyed.
  PeriodicSweep(ShardExecutor& executor, std::chrono::milliseconds period,
                std::function<bool()> sweep)
      : executor_(executor), period_(period), sweep_(std::move(sweep)) {}
  PeriodicSweep(const PeriodicSweep&) = delete;
  PeriodicSweep& operator=(const PeriodicSweep&) = delete;

  /// There is an entry. No-op while the sweep runs. Throws std::bad_alloc; once it runs it needs no
  /// memory, and goes on when `sweep` throws.
  void start() {
    if (running_) return;
    executor_.every(period_, [this] { return running_ = sweep_(); });
    running_ = true;
  }

 private:
  ShardExecutor& executor_;
  const std::chrono::milliseconds period_;
  const std::function<bool()> sweep_;
  bool running_ = false;
};

}  // namespace wscast::server
