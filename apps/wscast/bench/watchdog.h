#pragma once

#include <chrono>
#include <cstdint>

#include "bench/bench_failure.h"

namespace wscast::program {

/// Ends a benchmark that makes no progress.
class Watchdog {
 public:
  using Clock = std::chrono::steady_clock;

  static constexpr std::chrono::seconds kPatience{20};

  /// `progress` is any number that changes while things go well.
  void look(std::uint64_t progress, Clock::time_point now) {
    if (progress != last_progress_) {
      last_progress_ = progress;
      last_change_ = now;
    } else if (now - last_change_ > kPatience) {
      throw BenchFailure(kFailed, "the server makes no progress: nothing came for 20 s");
    }
  }

 private:
  std::uint64_t last_progress_ = 0;
  Clock::time_point last_change_ = Clock::now();
};

}  // namespace wscast::program
