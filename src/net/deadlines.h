#pragma once

#include <cstddef>
#include <vector>

#include "base/clock.h"

namespace wscast::net {

/// One deadline per connection, by its slot, contiguous in memory: a sweep over ten thousand takes
/// a few microseconds, so no connection needs a timer of its own. Shard thread only.
class Deadlines {
 public:
  static constexpr SteadyTime kNever = SteadyTime::max();

  /// Takes memory for a slot that is new only; that may throw std::bad_alloc.
  void set(std::size_t slot, SteadyTime when);

  /// The next deadline, or kNever.
  SteadyTime earliest() const;

  /// Up to `most` slots whose deadline is not after `now`; the next call goes on behind them. Their
  /// deadlines become kNever; the result is valid until the next call.
  const std::vector<std::size_t>& expire(SteadyTime now, std::size_t most);

 private:
  std::vector<SteadyTime> when_;
  std::vector<std::size_t> expired_;
  std::size_t next_ = 0;  ///< Where the next call of expire() begins.
};

}  // namespace wscast::net
