#pragma once

#include <string>

#include "wscast/stats.h"

#include "webhook/event_delivery.h"

namespace wscast::program {

/// What is measured at one moment.
struct Metrics {
  Stats stats{};
  EventDeliveryCounts events{};  ///< Of the webhook.
  std::size_t events_pending = 0;
  std::uint64_t publishes_over_room_rate = 0;
  bool healthy = false;
};

/// Writes metrics in Prometheus' text format, version 0.0.4.
std::string metrics_text(const Metrics& metrics);

/// The `Content-Type` of that.
inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace wscast::program
