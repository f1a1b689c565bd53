#include "api/metrics_text.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string_view>

#include "version.h"

namespace wscast::program {
namespace {

/// Counters that become one metric with a label: those whose names begin alike.
struct Family {
  std::string_view prefix;
  std::string_view metric;
  std::string_view label;
  std::string_view help;
};

constexpr auto kFamilies = std::to_array<Family>({
    {"closed_", "wscast_clients_closed_total", "cause",
     "Clients whose connection was closed, by cause."},
    {"dropped_", "wscast_messages_dropped_total", "cause",
     "Messages that were dropped on their way to a client, by cause."},
    {"publishes_", "wscast_publishes_total", "result",
     "Messages to other servers, by what became of them."},
    {"http_", "wscast_http_requests_total", "result",
     "HTTP requests on the port of clients that became no WebSocket, by result."},
    {"tls_", "wscast_tls_total", "event", "Handshakes and faults of TLS, by event."},
    {"broker_", "wscast_broker_total", "event",
     "What came from Redis, and what its connections met, by event."},
    {"proxy_", "wscast_proxy_refusals_total", "cause",
     "Connections that were closed for their PROXY header, by cause."},
    {"connections_", "wscast_connections_total", "event",
     "What became of connections, by event; refused includes refused_*."},
});

/// A counter with a metric of its own, or with a family that its name does not show.
struct Single {
  Counter counter;
  std::string_view help;
};

using enum Counter;

constexpr auto kSingles = std::to_array<Single>({
    {accept_failures, "Connections that could not be accepted."},
    {certificate_reloads, "Listeners that got other certificates."},
    {certificate_reload_failures, "Listeners that kept theirs, as a file could not be used."},
    {upgrades, "WebSocket connections that were opened."},
    {messages_received, "Complete messages of clients."},
    {close_timeouts, "Connections reset, without a close frame in return."},
    {pongs_dropped, "Pongs to clients that do not read."},
    {deflate_connections, "WebSocket connections with permessage-deflate."},
    {messages_inflated, "Compressed messages of clients."},
    {compressed_forms, "Compressions of a message."},
    {compressed_forms_in_vain, "Compressions that made a message no smaller."},
    {compressed_sends, "Messages sent in a compressed form."},
    {compression_saved_bytes, "Bytes that compression saved."},
    {drop_episodes, "Times that a client began to lose messages."},
    {dropped_notices, "Events that told clients of lost messages."},
    {subscription_gaps, "Times that the subscription to Redis was away."},
    {gap_notices, "Times that all clients of a shard were told of an unknown loss."},
    {invalid_messages, "Messages of clients that are no JSON, no UTF-8 or too deep."},
    {malformed_envelopes, "Messages of clients without a valid event."},
    {not_authenticated, "Events of clients that were not authenticated."},
    {already_authenticated, "Second attempts to authenticate."},
    {unhandled_events, "Events that nothing handles."},
    {authentications, "Clients that were authenticated."},
    {renewals, "Identities that were renewed."},
    {rooms_dropped, "Rooms of joins with names that are not valid, or rejected by Redis."},
    {joins_refused, "Joins that nothing decides about."},
    {too_many_rooms, "Joins over a limit of rooms."},
    {rate_limited, "Messages of clients over a rate."},
    {raw_refused, "Raw sends to encrypted clients."},
    {transform_failures, "Messages lost, as they were not encrypted in time."},
    {decryption_failures, "Messages of clients that cannot be decrypted."},
    {hook_failures, "Hooks that threw."},
    {slow_hooks, "Hooks that took over 50 ms."},
    {transport_failures, "Clients removed, as a call of their transport threw."},
    {subscriptions_late, "Authentications and joins that did not wait for Redis any longer."},
    {subscriptions_refused, "Channels that Redis rejected."},
    {posts_between_shards, "Messages and commands passed to another shard."},
    {tasks_failed, "Tasks of a shard that were given up, for want of memory."},
    {log_failures, "Log lines that could not be written."},
});

const Single* single_of(Counter counter) {
  const auto found = std::ranges::find(kSingles, counter, &Single::counter);
  return found == kSingles.end() ? nullptr : found;
}

/// Appends lines of Prometheus' format.
class Writer {
 public:
  void head(std::string_view metric, std::string_view type, std::string_view help) {
    out_.append("# HELP ").append(metric).append(" ").append(help).append("\n");
    out_.append("# TYPE ").append(metric).append(" ").append(type).append("\n");
  }
  void sample(std::string_view metric, std::uint64_t value) {
    out_.append(metric).append(" ").append(std::to_string(value)).append("\n");
  }
  /// `value` needs no escapes: labels are names of ours.
  void sample(std::string_view metric, std::string_view label, std::string_view text,
              std::uint64_t value) {
    out_.append(metric).append("{").append(label).append("=\"").append(text).append("\"} ");
    out_.append(std::to_string(value)).append("\n");
  }
  void gauge(std::string_view metric, std::uint64_t value, std::string_view help) {
    head(metric, "gauge", help);
    sample(metric, value);
  }
  void counter(std::string_view metric, std::uint64_t value, std::string_view help) {
    head(metric, "counter", help);
    sample(metric, value);
  }
  std::string finish() && { return std::move(out_); }

 private:
  std::string out_;
};

void write_counters(Writer& out, const Stats& stats) {
  const auto each = [](auto use) {
    for (std::size_t i = 0; i < kCounters; ++i) use(static_cast<Counter>(i));
  };
  for (const Family& family : kFamilies) {
    out.head(family.metric, "counter", family.help);
    each([&](Counter counter) {
      const std::string_view name = to_string(counter);
      if (!name.starts_with(family.prefix) || single_of(counter) != nullptr) return;
      out.sample(family.metric, family.label, name.substr(family.prefix.size()), stats[counter]);
    });
  }
  each([&](Counter counter) {
    const Single* single = single_of(counter);
    if (single == nullptr) return;
    out.counter("wscast_" + std::string(to_string(counter)) + "_total", stats[counter],
                single->help);
  });
}

void write_shards(Writer& out, const std::vector<ShardStats>& shards) {
  const auto write = [&](std::string_view metric, auto member, std::string_view help) {
    out.head(metric, "gauge", help);
    for (std::size_t i = 0; i < shards.size(); ++i) {
      out.sample(metric, "shard", std::to_string(i), shards[i].*member);
    }
  };
  write("wscast_shard_connections", &ShardStats::connections, "Connections of a shard.");
  write("wscast_shard_clients_authenticated", &ShardStats::authenticated,
        "Authenticated clients of a shard.");
  write("wscast_shard_inbox_bytes", &ShardStats::inbox_bytes,
        "Messages of other threads that wait for a shard.");
}

}  // namespace

std::string metrics_text(const Metrics& metrics) {
  const Stats& stats = metrics.stats;
  Writer out;
  out.head("wscast_build_info", "gauge", "The version of the program.");
  out.sample("wscast_build_info", "version", version_number(), 1);
  out.gauge("wscast_healthy", metrics.healthy ? 1 : 0, "Whether every shard has run lately.");
  out.gauge("wscast_connections", stats.connections, "Open connections, in any state.");
  out.gauge("wscast_clients", stats.clients, "Open WebSocket connections.");
  out.gauge("wscast_clients_authenticated", stats.authenticated, "Authenticated clients.");
  write_shards(out, stats.shards);
  write_counters(out, stats);
  const EventDeliveryCounts& events = metrics.events;
  const std::string_view events_metric = "wscast_webhook_events_total";
  out.head(events_metric, "counter", "Events for the backend, by what became of them.");
  out.sample(events_metric, "result", "delivered", events.delivered);
  out.sample(events_metric, "result", "lost_full", events.lost_full);
  out.sample(events_metric, "result", "lost_old", events.lost_old);
  out.sample(events_metric, "result", "lost_gone", events.lost_gone);
  out.counter("wscast_webhook_failures_total", events.failures,
              "Requests with events that the backend did not accept.");
  out.gauge("wscast_webhook_events_pending", metrics.events_pending, "Events that wait.");
  out.counter("wscast_room_rate_refusals_total", metrics.publishes_over_room_rate,
              "Messages of clients over the rate of a room.");
  return std::move(out).finish();
}

}  // namespace wscast::program
