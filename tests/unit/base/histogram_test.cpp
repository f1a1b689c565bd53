#include "base/histogram.h"

#include <array>
#include <chrono>
#include <vector>

#include <gtest/gtest.h>

#include "base/time_histogram.h"

namespace wscast {
namespace {

using Counts = std::vector<std::uint64_t>;

constexpr auto kBounds = std::to_array<std::uint64_t>({0, 10, 100});

TEST(HistogramTest, CountsAValueInTheFirstRangeThatReachesIt) {
  Histogram histogram(kBounds);
  for (const std::uint64_t value : {0, 1, 10, 11, 100, 101, 5'000}) histogram.add(value);
  Distribution all;
  histogram.add_to(all);
  EXPECT_EQ(all.counts, (Counts{1, 2, 2, 2}));
  EXPECT_EQ(all.sum, 5'223u);
  EXPECT_EQ(all.count(), 7u);
  EXPECT_EQ((Counts{all.bounds.begin(), all.bounds.end()}), (Counts{0, 10, 100}));
}

TEST(HistogramTest, AddsUpWithOthers) {
  Histogram one(kBounds);
  Histogram other(kBounds);
  one.add(5, 3);
  other.add(200, 2);
  Distribution all;
  one.add_to(all);
  other.add_to(all);
  EXPECT_EQ(all.counts, (Counts{0, 3, 0, 2}));
  EXPECT_EQ(all.sum, 415u);
}

TEST(HistogramTest, ADistributionTakesValuesToo) {
  Distribution all(kBounds);
  for (const std::uint64_t value : {0, 10, 101}) all.add(value);
  EXPECT_EQ(all.counts, (Counts{1, 1, 0, 1}));
  EXPECT_EQ(all.sum, 111u);
  EXPECT_EQ(Distribution().count(), 0u);
}

TEST(HistogramTest, ATimeThatWouldBeNegativeIsNone) {
  TimeHistogram times;
  const SteadyTime now{std::chrono::seconds(5)};
  times.add_time(now, now - std::chrono::seconds(1));
  times.add_time(now, now + std::chrono::seconds(20), 2);
  Distribution all;
  times.add_to(all);
  EXPECT_EQ(all.counts.front(), 1u);
  EXPECT_EQ(all.counts.back(), 2u);
  EXPECT_EQ(all.sum, 40'000'000'000u);
}

}  // namespace
}  // namespace wscast
