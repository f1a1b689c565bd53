#include "bench/latency_histogram.h"

#include <algorithm>
#include <cmath>

namespace wscast::program {

void LatencyHistogram::add(Nanoseconds latency) {
  const auto value = std::clamp<std::int64_t>(latency.count(), 0, kLongest);
  ++counts_[range_of(static_cast<std::uint64_t>(value))];
  ++count_;
  max_ = std::max(max_, Nanoseconds(value));
}

LatencyHistogram::Nanoseconds LatencyHistogram::at(double quantile) const {
  if (count_ == 0) return Nanoseconds(0);
  const double rank = std::ceil(std::clamp(quantile, 0.0, 1.0) * static_cast<double>(count_));
  const auto wanted = std::max<std::uint64_t>(static_cast<std::uint64_t>(rank), 1);
  std::uint64_t seen = 0;
  for (std::size_t range = 0; range < kCounts; ++range) {
    seen += counts_[range];
    if (seen >= wanted) {
      return std::min(max_, Nanoseconds(static_cast<std::int64_t>(longest_of(range))));
    }
  }
  return max_;
}

/// Values below 128 have a range each; above, the 7 bits behind the first one choose it.
std::size_t LatencyHistogram::range_of(std::uint64_t value) {
  if (value < kRanges) return value;
  const int shift = std::bit_width(value) - 1 - kRangeBits;
  return (static_cast<std::size_t>(shift) + 1) * kRanges + ((value >> shift) - kRanges);
}

std::uint64_t LatencyHistogram::longest_of(std::size_t range) {
  if (range < kRanges) return range;
  const std::size_t shift = range / kRanges - 1;
  return ((range % kRanges + kRanges + 1) << shift) - 1;
}

}  // namespace wscast::program
