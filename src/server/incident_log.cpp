#include "server/incident_log.h"

#include <array>
#include <string_view>

namespace wscast::server {
namespace {

using enum Counter;

struct Kind {
  Counter counter;
  LogLevel level;
  std::string_view words;  ///< After the number.
};

constexpr auto kKinds = std::to_array<Kind>({
    {connections_refused, LogLevel::warning, "connections refused with 503"},
    {connections_refused_unauthenticated, LogLevel::warning,
     "connections refused with 503, over max_unauthenticated_connections"},
    {connections_refused_address, LogLevel::warning,
     "connections refused with 503, over max_connections_per_address"},
    {connections_discarded, LogLevel::warning, "connections closed at once, far over the limit"},
    {http_head_timeout, LogLevel::info, "requests incomplete for head_timeout"},
    {http_too_many_requests, LogLevel::warning,
     "connections refused with 429, over max_failed_authentications_per_address"},
    {http_handovers_refused, LogLevel::warning,
     "HTTP requests closed without a response, more than the application takes"},
    {http_forbidden, LogLevel::info, "requests from an origin that is not allowed"},
    {closed_protocol_error, LogLevel::info, "clients closed for a protocol error"},
    {closed_message_too_big, LogLevel::info, "clients closed, over max_payload_length"},
    {closed_message_timeout, LogLevel::info,
     "clients closed, their message incomplete for message_timeout"},
    {close_timeouts, LogLevel::info, "connections reset, without a close frame in close_timeout"},
    {dropped_backpressure, LogLevel::warning,
     "messages dropped for clients that read too slowly, over backpressure_limit"},
    {closed_slow_consumer, LogLevel::warning,
     "clients closed for reading too slowly, over backpressure_limit"},
    {drop_episodes, LogLevel::warning, "clients began to lose messages"},
    {gap_notices, LogLevel::warning, "times all clients of a shard told of an unknown loss"},
    {closed_authentication_timeout, LogLevel::info,
     "clients closed, not authenticated within auth_timeout"},
    {closed_authentication_error, LogLevel::warning,
     "clients closed, for the authenticate or handshake hook threw"},
    {closed_token_expired, LogLevel::info, "clients closed, their identity had expired"},
    {closed_too_many_connections, LogLevel::warning, "clients closed, over max_clients_per_user"},
    {closed_pre_auth_flood, LogLevel::warning,
     "clients closed, too many messages before authentication"},
    {rate_limited, LogLevel::info, "messages dropped, over the rate of their sender"},
    {closed_rate_limit, LogLevel::warning, "clients closed, over a rate for five seconds"},
    {dropped_late, LogLevel::info, "messages dropped after they were accepted"},
    {transform_failures, LogLevel::warning, "messages dropped, not encrypted in time"},
    {publishes_down, LogLevel::warning, "messages not sent to other servers"},
    {publishes_unknown, LogLevel::warning, "messages to other servers of unknown outcome"},
    {subscriptions_late, LogLevel::warning, "authentications and joins did not wait for Redis"},
    {dropped_overloaded, LogLevel::warning, "messages dropped, a shard over max_inbox_bytes"},
});

}  // namespace

std::vector<Incident> incidents_between(const Stats& before, const Stats& after) {
  std::vector<Incident> incidents;
  for (const Kind& kind : kKinds) {
    const auto more = after[kind.counter] - before[kind.counter];
    if (more == 0) continue;
    incidents.push_back({kind.level, std::to_string(more) + " " + std::string(kind.words) + " (" +
                                         std::string(to_string(kind.counter)) + ")"});
  }
  return incidents;
}

void IncidentLog::report(const Stats& now) {
  for (const Incident& incident : incidents_between(before_, now)) {
    log_(incident.level, "incident",
         "in the last " + std::to_string(kPeriod.count()) + " s: " + incident.text);
  }
  before_ = now;
}

}  // namespace wscast::server
