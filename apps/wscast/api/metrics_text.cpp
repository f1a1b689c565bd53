#include "api/metrics_text.h"

#include <array>
#include <cstddef>
#include <string_view>

#include "api/counter_metrics.h"
#include "api/metric_writer.h"
#include "version.h"

namespace wscast::program {
namespace {

/// One metric that is no counter of Stats: its head, and what writes its samples.
struct Metric {
  std::string_view name;
  std::string_view type;
  std::string_view help;
  void (*write)(MetricWriter& out, const Metrics& metrics);
};

void write_build(MetricWriter& out, const Metrics& /*metrics*/) {
  out.sample(1, label("version", version_number()));
}

template <auto member>
void write_state(MetricWriter& out, const Metrics& metrics) {
  out.sample(metrics.stats.*member);
}

template <auto member>
void write_shards(MetricWriter& out, const Metrics& metrics) {
  const auto& shards = metrics.stats.shards;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    out.sample(shards[i].*member, label("shard", std::to_string(i)));
  }
}

void write_connections(MetricWriter& out, const Metrics& metrics) {
  for (const ConnectionCount& count : metrics.measured.connections) {
    out.sample(count.connections,
               label("transport", count.transport) + "," + label("state", count.state));
  }
}

template <auto member>
void write_outbound(MetricWriter& out, const Metrics& metrics) {
  out.sample(metrics.measured.outbound.*member);
}

void write_hooks(MetricWriter& out, const Metrics& metrics) {
  for (const HookTime& hook : metrics.measured.hooks) {
    out.histogram(hook.time_ns, Unit::seconds, label("hook", hook.hook));
  }
}

void write_redis_connections(MetricWriter& out, const Metrics& metrics) {
  const BackplaneState& state = metrics.measured.backplane;
  if (!state.reaches_others) return;
  out.sample(state.publishes ? 1 : 0, label("connection", "publish"));
  out.sample(state.subscribes ? 1 : 0, label("connection", "subscribe"));
}

template <auto member>
void write_redis_time(MetricWriter& out, const Metrics& metrics) {
  if (const auto& time = metrics.measured.backplane.*member) out.seconds(*time);
}

void write_events(MetricWriter& out, const Metrics& metrics) {
  out.sample(metrics.events.delivered, label("result", "delivered"));
  out.sample(metrics.events.lost_full, label("result", "lost_full"));
  out.sample(metrics.events.lost_old, label("result", "lost_old"));
  out.sample(metrics.events.lost_gone, label("result", "lost_gone"));
}

void write_rejections(MetricWriter& out, const Metrics& metrics) {
  for (std::size_t i = 0; i < metrics.token_rejections.size(); ++i) {
    out.sample(metrics.token_rejections[i], label("reason", name_of(static_cast<JwtRejection>(i))));
  }
}

constexpr auto kMetrics = std::to_array<Metric>({
    {"wscast_build_info", "gauge", "The version of the program.", write_build},
    {"wscast_healthy", "gauge", "Whether every shard has run lately.",
     [](MetricWriter& out, const Metrics& metrics) { out.sample(metrics.healthy ? 1 : 0); }},

    {"wscast_connections", "gauge", "Open connections, in any state.",
     write_state<&Stats::connections>},
    {"wscast_connections_limit", "gauge", "How many there may be.",
     [](MetricWriter& out, const Metrics& metrics) {
       out.sample(metrics.measured.max_connections);
     }},
    {"wscast_connections_by_state", "gauge", "Open connections, by transport and state.",
     write_connections},
    {"wscast_clients", "gauge", "Open WebSocket connections.", write_state<&Stats::clients>},
    {"wscast_clients_authenticated", "gauge", "Authenticated clients.",
     write_state<&Stats::authenticated>},
    {"wscast_shard_connections", "gauge", "Connections of a shard.",
     write_shards<&ShardStats::connections>},
    {"wscast_shard_clients_authenticated", "gauge", "Authenticated clients of a shard.",
     write_shards<&ShardStats::authenticated>},
    {"wscast_shard_inbox_bytes", "gauge", "Messages of other threads that wait for a shard.",
     write_shards<&ShardStats::inbox_bytes>},

    {"wscast_delivery_seconds", "histogram",
     "From when the server took a message until the kernel had it for a client, once a client.",
     [](MetricWriter& out, const Metrics& metrics) {
       out.histogram(metrics.measured.delivery_ns, Unit::seconds);
     }},
    {"wscast_fanout_clients", "histogram",
     "Clients of a shard that a message went to, once a shard.",
     [](MetricWriter& out, const Metrics& metrics) {
       out.histogram(metrics.measured.fan_out, Unit::number);
     }},
    {"wscast_hook_seconds", "histogram",
     "From the call of a hook until its result, by hook; with a webhook, until its response.",
     write_hooks},
    {"wscast_outbound_bytes", "gauge", "Bytes that wait until the kernel takes them.",
     write_outbound<&OutboundQueue::bytes>},
    {"wscast_outbound_frames", "gauge", "Messages and other frames that wait for the same.",
     write_outbound<&OutboundQueue::frames>},
    {"wscast_outbound_blocked_connections", "gauge", "Connections whose peer takes nothing now.",
     write_outbound<&OutboundQueue::connections>},

    {"wscast_redis_connected", "gauge", "Whether a connection to Redis is ready.",
     write_redis_connections},
    {"wscast_redis_round_trip_seconds", "gauge",
     "How long the last probe took through Redis and back.",
     write_redis_time<&BackplaneState::round_trip_ns>},
    {"wscast_redis_silence_seconds", "gauge", "How long ago a probe came back.",
     write_redis_time<&BackplaneState::silence_ns>},

    {"wscast_webhook_events_total", "counter", "Events for the backend, by what became of them.",
     write_events},
    {"wscast_webhook_failures_total", "counter",
     "Requests with events that the backend did not accept.",
     [](MetricWriter& out, const Metrics& metrics) { out.sample(metrics.events.failures); }},
    {"wscast_webhook_request_seconds", "histogram", "Requests with events, until the response.",
     [](MetricWriter& out, const Metrics& metrics) {
       out.histogram(metrics.event_requests_ns, Unit::seconds);
     }},
    {"wscast_webhook_events_pending", "gauge", "Events that wait.",
     [](MetricWriter& out, const Metrics& metrics) { out.sample(metrics.events_pending); }},
    {"wscast_room_rate_refusals_total", "counter", "Messages of clients over the rate of a room.",
     [](MetricWriter& out, const Metrics& metrics) {
       out.sample(metrics.publishes_over_room_rate);
     }},
    {"wscast_token_rejections_total", "counter",
     "JSON Web Tokens that were rejected, by reason, since the last reload.", write_rejections},
    {"wscast_api_connections_refused_total", "counter",
     "Connections to the HTTP API over its max_connections.",
     [](MetricWriter& out, const Metrics& metrics) {
       out.sample(metrics.api_connections_refused);
     }},
});

}  // namespace

std::string metrics_text(const Metrics& metrics) {
  MetricWriter out;
  for (const Metric& metric : kMetrics) {
    out.head(metric.name, metric.type, metric.help);
    metric.write(out, metrics);
  }
  write_counters(out, metrics.stats);
  return std::move(out).finish();
}

}  // namespace wscast::program
