#pragma once

#include <chrono>
#include <cstdint>
#include <optional>

namespace wscast::program {

/// Turns a total of what was lost or refused into at most one report a minute. One thread at a
/// time.
class LossReport {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// Returns how many are to be reported at `now`, 0 for none, given all that were lost so far.
  std::uint64_t take(std::uint64_t total, Time now);

  /// Returns the number of all that were not reported.
  std::uint64_t take_rest(std::uint64_t total);

  /// When the next call may return some; std::nullopt: not before more are lost.
  std::optional<Time> due() const { return due_; }

 private:
  static constexpr std::chrono::minutes kInterval{1};

  std::uint64_t reported_ = 0;
  std::optional<Time> due_;         ///< Set while there is something to report.
  std::optional<Time> not_before_;  ///< A minute after the last report.
};

}  // namespace wscast::program
