#pragma once

#include <chrono>
#include <cstddef>

namespace wscast::program {

/// How long to wait after failures: twice as long after each, with jitter, so that those who failed
/// together do not come back together. One thread at a time.
class Backoff {
 public:
  using Duration = std::chrono::milliseconds;

  Backoff(Duration first, Duration longest) : first_(first), longest_(longest) {}

  /// After one more failure: half to all of the full time, as `random`, from 0 to 1, says.
  Duration next(double random);

  /// After a success.
  void reset() { failures_ = 0; }

  std::size_t failures() const { return failures_; }

 private:
  Duration first_;
  Duration longest_;
  std::size_t failures_ = 0;
};

}  // namespace wscast::program
