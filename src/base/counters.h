#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "wscast/stats.h"

namespace wscast {

/// The counters of one shard. Written by its thread only, read by any.
class Counters {
 public:
  void add(Counter counter, std::uint64_t n = 1) noexcept {
    auto& value = values_[static_cast<std::size_t>(counter)];
    // One writer: no atomic read-modify-write is needed.
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }

  /// Adds these counters to `stats`.
  void add_to(Stats& stats) const noexcept {
    for (std::size_t i = 0; i < kCounters; ++i) {
      stats.counters[i] += values_[i].load(std::memory_order_relaxed);
    }
  }

 private:
  std::array<std::atomic<std::uint64_t>, kCounters> values_{};
};

}  // namespace wscast
