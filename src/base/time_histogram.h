#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "base/clock.h"
#include "base/histogram.h"

namespace wscast {

namespace detail {

constexpr std::uint64_t kMicrosecond = 1'000;
constexpr std::uint64_t kMillisecond = 1'000 * kMicrosecond;
constexpr std::uint64_t kSecond = 1'000 * kMillisecond;

}  // namespace detail

/// In nanoseconds: 50 us to 10 s.
inline constexpr auto kTimeBounds = std::to_array<std::uint64_t>(
    {50 * detail::kMicrosecond, 100 * detail::kMicrosecond, 250 * detail::kMicrosecond,
     500 * detail::kMicrosecond, detail::kMillisecond, 2'500 * detail::kMicrosecond,
     5 * detail::kMillisecond, 10 * detail::kMillisecond, 25 * detail::kMillisecond,
     50 * detail::kMillisecond, 100 * detail::kMillisecond, 250 * detail::kMillisecond,
     500 * detail::kMillisecond, detail::kSecond, 2'500 * detail::kMillisecond,
     10 * detail::kSecond});

/// Counts durations. Written by one thread only, read by any.
class TimeHistogram : public Histogram<kTimeBounds.size()> {
 public:
  TimeHistogram() : Histogram(kTimeBounds) {}

  /// Counts what lasted from `begin` until `end`, so many times. Nothing lasts less than 0.
  void add_time(SteadyTime begin, SteadyTime end, std::uint64_t times = 1) noexcept {
    const auto took = std::chrono::nanoseconds(std::max(end, begin) - begin);
    add(static_cast<std::uint64_t>(took.count()), times);
  }
};

}  // namespace wscast
