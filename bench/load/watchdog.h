#pragma once

#include <chrono>
#include <cstdint>

#include "load.h"

namespace wscast::bench {

/// Ends a load that makes no progress for kPatience.
class Watchdog {
 public:
  /// `progress` is any number that changes while things go well.
  void look(std::uint64_t progress) {
    const auto now = std::chrono::steady_clock::now();
    if (progress != last_progress_) {
      last_progress_ = progress;
      last_change_ = now;
    } else if (now - last_change_ > kPatience) {
      throw LoadFailure("the server makes no progress");
    }
  }

 private:
  std::uint64_t last_progress_ = 0;
  std::chrono::steady_clock::time_point last_change_ = std::chrono::steady_clock::now();
};

}  // namespace wscast::bench
