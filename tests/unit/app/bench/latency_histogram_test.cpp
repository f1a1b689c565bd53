#include "bench/latency_histogram.h"

#include <algorithm>
#include <cmath>
#include <random>
#include <vector>

#include <gtest/gtest.h>

namespace wscast::program {
namespace {

using namespace std::chrono_literals;
using std::chrono::nanoseconds;

TEST(LatencyHistogramTest, WithoutAnyEverythingIs0) {
  const LatencyHistogram histogram;
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.at(0.5), 0ns);
  EXPECT_EQ(histogram.max(), 0ns);
}

TEST(LatencyHistogramTest, OneValueIsEveryQuantileExactly) {
  LatencyHistogram histogram;
  histogram.add(1'234'567ns);
  for (const double quantile : {0.0, 0.5, 0.999, 1.0}) {
    EXPECT_EQ(histogram.at(quantile), 1'234'567ns) << quantile;
  }
}

TEST(LatencyHistogramTest, WhatIsNegativeIs0AndWhatIsLongerThanAnHourIsAnHour) {
  LatencyHistogram histogram;
  histogram.add(-5ns);
  EXPECT_EQ(histogram.at(1), 0ns);
  histogram.add(48h);
  EXPECT_EQ(histogram.max(), 1h);
  EXPECT_EQ(histogram.at(1), 1h);
}

/// Of every size of value, the quantile is that of the sorted values, or up to 0.8 % more.
TEST(LatencyHistogramTest, QuantilesAreThoseOfTheSortedValues) {
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> exponent(0, 12.5);
  std::vector<std::int64_t> values;
  LatencyHistogram histogram;
  for (int i = 0; i < 20'000; ++i) {
    values.push_back(static_cast<std::int64_t>(std::pow(10.0, exponent(random))));
    histogram.add(nanoseconds(values.back()));
  }
  std::sort(values.begin(), values.end());
  for (const double quantile : {0.001, 0.1, 0.5, 0.9, 0.99, 0.999, 1.0}) {
    const auto rank =
        static_cast<std::size_t>(std::ceil(quantile * static_cast<double>(values.size())));
    const auto exact = static_cast<double>(values[rank - 1]);
    const auto found = static_cast<double>(histogram.at(quantile).count());
    EXPECT_GE(found, exact) << quantile;
    EXPECT_LE(found, exact * 1.008) << quantile;
  }
  EXPECT_EQ(histogram.max().count(), values.back());
}

TEST(LatencyHistogramTest, NeighboursOfEveryPowerOf2AreInOrder) {
  for (int bit = 0; bit < 41; ++bit) {
    for (const std::int64_t offset : {-1, 0, 1}) {
      LatencyHistogram histogram;
      const nanoseconds value((std::int64_t{1} << bit) + offset);
      histogram.add(value);
      histogram.add(1h);
      EXPECT_GE(histogram.at(0.5), value);
      EXPECT_LE(static_cast<double>(histogram.at(0.5).count()),
                static_cast<double>(value.count()) * 1.008);
    }
  }
}

TEST(LatencyHistogramTest, ClearForgetsEverything) {
  LatencyHistogram histogram;
  histogram.add(5s);
  histogram.clear();
  EXPECT_EQ(histogram.count(), 0u);
  EXPECT_EQ(histogram.max(), 0ns);
  histogram.add(1us);
  EXPECT_EQ(histogram.at(1), 1us);
}

}  // namespace
}  // namespace wscast::program
