#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

#include "wscast/measurements.h"

namespace wscast {

/// Counts values by range. Written by one thread only, read by any.
template <std::size_t kBounds>
class Histogram {
 public:
  /// `bounds` grow, and outlive this.
  explicit Histogram(const std::array<std::uint64_t, kBounds>& bounds) : bounds_(bounds) {}

  /// Counts `value` so many times.
  void add(std::uint64_t value, std::uint64_t times = 1) noexcept {
    std::size_t range = 0;
    while (range < kBounds && bounds_[range] < value) ++range;
    add_to(counts_[range], times);
    add_to(sum_, value * times);
  }

  /// Adds this to `all`, which has the same bounds, or none yet.
  void add_to(Distribution& all) const {
    if (all.counts.empty()) all = Distribution(bounds_);
    for (std::size_t i = 0; i < counts_.size(); ++i) {
      all.counts[i] += counts_[i].load(std::memory_order_relaxed);
    }
    all.sum += sum_.load(std::memory_order_relaxed);
  }

 private:
  using Value = std::atomic<std::uint64_t>;

  /// One writer: no atomic read-modify-write is needed.
  static void add_to(Value& value, std::uint64_t n) noexcept {
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  const std::array<std::uint64_t, kBounds>& bounds_;
  std::array<Value, kBounds + 1> counts_{};
  Value sum_{};
};

}  // namespace wscast
