#pragma once

#include <chrono>

namespace wscast::program {

/// What a benchmark does to a server. One thread.
class Load {
 public:
  using Clock = std::chrono::steady_clock;

  virtual ~Load() = default;

  /// Connects everybody, until messages arrive as they are to.
  virtual void prepare() = 0;

  /// Goes on until `end` or a signal. At a given rate it waits until what was sent has arrived.
  virtual void run_until(Clock::time_point end) = 0;

  /// Handles what comes while nothing is sent; to be called each second.
  virtual void rest() = 0;
};

}  // namespace wscast::program
