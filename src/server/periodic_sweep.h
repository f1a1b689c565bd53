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
  /// `sweep` returns whether anything is left to look for. `executor` must outlive this; it must
  /// run nothing once this is destroyed.
  PeriodicSweep(ShardExecutor& executor, std::chrono::milliseconds period,
                std::function<bool()> sweep)
      : executor_(executor), period_(period), sweep_(std::move(sweep)) {}
  PeriodicSweep(const PeriodicSweep&) = delete;
  PeriodicSweep& operator=(const PeriodicSweep&) = delete;

  /// There is an entry. No-op while the sweep runs.
  void start() {
    if (std::exchange(running_, true)) return;
    executor_.after(period_, [this] {
      running_ = false;
      if (sweep_()) start();
    });
  }

 private:
  ShardExecutor& executor_;
  const std::chrono::milliseconds period_;
  const std::function<bool()> sweep_;
  bool running_ = false;
};

}  // namespace wscast::server
