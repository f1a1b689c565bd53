#pragma once

#include <chrono>

namespace wscast {

using SteadyTime = std::chrono::steady_clock::time_point;
using WallTime = std::chrono::system_clock::time_point;

/// Where the time comes from. Passed in, so that tests can stop it. Any thread.
class Clock {
 public:
  virtual ~Clock() = default;

  /// For durations and deadlines; never goes back.
  virtual SteadyTime now() const noexcept = 0;

  /// For time stamps that people and clients read.
  virtual WallTime wall() const noexcept = 0;
};

/// The machine's clock.
const Clock& system_clock() noexcept;

}  // namespace wscast
