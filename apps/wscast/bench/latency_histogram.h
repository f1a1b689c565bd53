#pragma once

#include <array>
#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wscast::program {

/// Counts durations in ranges that grow with them, as HdrHistogram does: a quantile is at most 0.8
/// % too long, whatever its size, up to an hour. Counting takes the same short time for each, and
/// no memory. One thread.
class LatencyHistogram {
 public:
  using Nanoseconds = std::chrono::nanoseconds;

  /// What is negative counts as 0, what is longer than an hour as an hour.
  void add(Nanoseconds latency);
  void clear() { *this = {}; }

  std::uint64_t count() const { return count_; }
  Nanoseconds max() const { return max_; }

  /// The latency that the share `quantile` of all does not exceed; 0 without any.
  Nanoseconds at(double quantile) const;

 private:
  static constexpr int kRangeBits = 7;  ///< Each doubling has 128 ranges.
  static constexpr std::uint64_t kRanges = std::uint64_t{1} << kRangeBits;
  static constexpr std::int64_t kLongest = std::int64_t{3'600} * 1'000'000'000;
  static constexpr std::size_t kCounts = 37 * kRanges;

  static std::size_t range_of(std::uint64_t value);
  static std::uint64_t longest_of(std::size_t range);

  std::array<std::uint64_t, kCounts> counts_{};
  std::uint64_t count_ = 0;
  Nanoseconds max_{0};
};

}  // namespace wscast::program
