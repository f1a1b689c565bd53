#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "wscast/measurements.h"

namespace wscast::program {

/// What a sum or a bound of a histogram is in the metric: a number as it is, or seconds of
/// nanoseconds.
enum class Unit : std::uint8_t { number, seconds };

/// Writes Prometheus' text format, version 0.0.4: the head of a metric, then its samples. Labels
/// and their values need no escapes: they are names of ours.
class MetricWriter {
 public:
  void head(std::string_view metric, std::string_view type, std::string_view help);

  /// A sample of the metric whose head was written last. `labels`: empty, or as in `a="b",c="d"`.
  void sample(std::uint64_t value, std::string_view labels = {});
  void seconds(std::uint64_t nanoseconds, std::string_view labels = {});

  /// The samples of a histogram; none if nothing was measured.
  void histogram(const Distribution& values, Unit unit, std::string_view labels = {});

  std::string finish() && { return std::move(out_); }

 private:
  void line(std::string_view suffix, std::string_view labels, std::string_view value);

  std::string out_;
  std::string metric_;
};

/// `name="value"`.
std::string label(std::string_view name, std::string_view value);

}  // namespace wscast::program
