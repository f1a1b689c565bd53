#include "api/metric_writer.h"

#include <array>
#include <charconv>
#include <cstddef>

namespace wscast::program {
namespace {

/// In decimal digits, as few as tell it from its neighbours.
std::string text_of(double number) {
  std::array<char, 64> digits{};
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), number, std::chars_format::fixed);
  return {digits.data(), end.ptr};
}

std::string text_of(std::uint64_t value, Unit unit) {
  if (unit == Unit::number) return std::to_string(value);
  constexpr double kNanosecondsInSecond = 1e9;
  return text_of(static_cast<double>(value) / kNanosecondsInSecond);
}

}  // namespace

std::string label(std::string_view name, std::string_view value) {
  std::string text(name);
  return text.append("=\"").append(value).append("\"");
}

void MetricWriter::head(std::string_view metric, std::string_view type, std::string_view help) {
  metric_ = metric;
  out_.append("# HELP ").append(metric).append(" ").append(help).append("\n");
  out_.append("# TYPE ").append(metric).append(" ").append(type).append("\n");
}

void MetricWriter::sample(std::uint64_t value, std::string_view labels) {
  line("", labels, std::to_string(value));
}

void MetricWriter::seconds(std::uint64_t nanoseconds, std::string_view labels) {
  line("", labels, text_of(nanoseconds, Unit::seconds));
}

void MetricWriter::histogram(const Distribution& values, Unit unit, std::string_view labels) {
  if (values.counts.empty()) return;
  const std::string before = labels.empty() ? "" : std::string(labels) + ",";
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < values.counts.size(); ++i) {
    count += values.counts[i];
    const bool last = i == values.bounds.size();
    const std::string bound = last ? "+Inf" : text_of(values.bounds[i], unit);
    line("_bucket", before + label("le", bound), std::to_string(count));
  }
  line("_sum", labels, text_of(values.sum, unit));
  line("_count", labels, std::to_string(count));
}

void MetricWriter::line(std::string_view suffix, std::string_view labels, std::string_view value) {
  out_.append(metric_).append(suffix);
  if (!labels.empty()) out_.append("{").append(labels).append("}");
  out_.append(" ").append(value).append("\n");
}

}  // namespace wscast::program
