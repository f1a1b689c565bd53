#pragma once

#include <chrono>

namespace wscast {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Source of the time. Passed in, so that tests control it. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  /// For durations and deadlines; monotonic.
  virtual SteadyTime now() const noexcept = 0;

  /// For time stamps that people and clients read.
  virtual WallTime wall() const noexcept = 0;
};

/// The machine's clock.
const Clock& system_clock() noexcept;

}  // namespace wscast
