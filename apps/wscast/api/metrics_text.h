#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "wscast/measurements.h"
#include "wscast/stats.h"

#include "auth/jwt/jwt_rejection.h"
#include "webhook/event_delivery.h"

namespace wscast::program {

/// What is measured at one moment.
struct Metrics {
  Stats stats{};
  Measurements measured{};
  EventDeliveryCounts events{};      ///< Of the webhook.
  Distribution event_requests_ns{};  ///< Empty: without a webhook for events.
  std::size_t events_pending = 0;
  std::uint64_t publishes_over_room_rate = 0;
  JwtRejections token_rejections{};
  std::uint64_t api_connections_refused = 0;
  bool healthy = false;
};

/// Writes metrics in Prometheus' text format, version 0.0.4.
std::string metrics_text(const Metrics& metrics);

/// The `Content-Type` of that.
inline constexpr const char* kMetricsType = "text/plain; version=0.0.4; charset=utf-8";

}  // namespace wscast::program
