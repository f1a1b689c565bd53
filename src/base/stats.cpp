#include "wscast/stats.h"

#include <array>
#include <cstddef>

namespace wscast {
namespace {

struct CounterName {
  Counter counter;
  std::string_view name;
};

using enum Counter;

/// In the order of the enumerators.
constexpr auto kNames = std::to_array<CounterName>({
    {connections_accepted, "connections_accepted"},
    {connections_refused, "connections_refused"},
    {connections_discarded, "connections_discarded"},
    {connections_refused_unauthenticated, "connections_refused_unauthenticated"},
    {connections_refused_address, "connections_refused_address"},
    {connections_refused_draining, "connections_refused_draining"},
    {accept_failures, "accept_failures"},
    {connections_reset, "connections_reset"},
    {connections_dropped, "connections_dropped"},
    {tls_handshakes, "tls_handshakes"},
    {tls_resumptions, "tls_resumptions"},
    {tls_handshake_failures, "tls_handshake_failures"},
    {tls_handshake_timeouts, "tls_handshake_timeouts"},
    {tls_handshakes_refused, "tls_handshakes_refused"},
    {tls_errors, "tls_errors"},
    {certificate_reloads, "certificate_reloads"},
    {certificate_reload_failures, "certificate_reload_failures"},
    {proxy_untrusted, "proxy_untrusted"},
    {proxy_header_invalid, "proxy_header_invalid"},
    {proxy_header_timeouts, "proxy_header_timeouts"},
    {http_pages_served, "http_pages_served"},
    {http_bad_request, "http_bad_request"},
    {http_forbidden, "http_forbidden"},
    {http_not_found, "http_not_found"},
    {http_method_not_allowed, "http_method_not_allowed"},
    {http_upgrade_required, "http_upgrade_required"},
    {http_too_many_requests, "http_too_many_requests"},
    {http_head_too_large, "http_head_too_large"},
    {http_head_timeout, "http_head_timeout"},
    {http_abandoned, "http_abandoned"},
    {http_handed_over, "http_handed_over"},
    {http_handovers_refused, "http_handovers_refused"},
    {upgrades, "upgrades"},
    {bytes_received, "bytes_received"},
    {bytes_sent, "bytes_sent"},
    {messages_received, "messages_received"},
    {batched_sends, "batched_sends"},
    {messages_sent, "messages_sent"},
    {closed_by_peer, "closed_by_peer"},
    {closed_protocol_error, "closed_protocol_error"},
    {closed_invalid_data, "closed_invalid_data"},
    {closed_message_too_big, "closed_message_too_big"},
    {closed_message_timeout, "closed_message_timeout"},
    {closed_idle, "closed_idle"},
    {close_timeouts, "close_timeouts"},
    {dropped_backpressure, "dropped_backpressure"},
    {pongs_dropped, "pongs_dropped"},
    {deflate_connections, "deflate_connections"},
    {messages_inflated, "messages_inflated"},
    {inflated_bytes, "inflated_bytes"},
    {compressed_forms, "compressed_forms"},
    {compressed_forms_in_vain, "compressed_forms_in_vain"},
    {compressed_sends, "compressed_sends"},
    {compressed_bytes, "compressed_bytes"},
    {compression_saved_bytes, "compression_saved_bytes"},
    {drop_episodes, "drop_episodes"},
    {dropped_notices, "dropped_notices"},
    {subscription_gaps, "subscription_gaps"},
    {gap_notices, "gap_notices"},
    {invalid_messages, "invalid_messages"},
    {malformed_envelopes, "malformed_envelopes"},
    {not_authenticated, "not_authenticated"},
    {already_authenticated, "already_authenticated"},
    {unhandled_events, "unhandled_events"},
    {authentications, "authentications"},
    {renewals, "renewals"},
    {closed_authentication_timeout, "closed_authentication_timeout"},
    {closed_heartbeat_timeout, "closed_heartbeat_timeout"},
    {closed_authentication_failed, "closed_authentication_failed"},
    {closed_authentication_error, "closed_authentication_error"},
    {closed_token_expired, "closed_token_expired"},
    {closed_too_many_connections, "closed_too_many_connections"},
    {closed_user_revoked, "closed_user_revoked"},
    {closed_shutdown, "closed_shutdown"},
    {closed_drained, "closed_drained"},
    {closed_pre_auth_flood, "closed_pre_auth_flood"},
    {rooms_dropped, "rooms_dropped"},
    {joins_refused, "joins_refused"},
    {too_many_rooms, "too_many_rooms"},
    {dropped_before_connected, "dropped_before_connected"},
    {dropped_in_handshake, "dropped_in_handshake"},
    {dropped_late, "dropped_late"},
    {rate_limited, "rate_limited"},
    {closed_rate_limit, "closed_rate_limit"},
    {closed_slow_consumer, "closed_slow_consumer"},
    {closed_encryption, "closed_encryption"},
    {closed_by_application, "closed_by_application"},
    {raw_refused, "raw_refused"},
    {transform_failures, "transform_failures"},
    {decryption_failures, "decryption_failures"},
    {dropped_after_close, "dropped_after_close"},
    {hook_failures, "hook_failures"},
    {slow_hooks, "slow_hooks"},
    {closed_by_external_server, "closed_by_external_server"},
    {transport_failures, "transport_failures"},
    {broker_messages, "broker_messages"},
    {broker_malformed, "broker_malformed"},
    {broker_unroutable, "broker_unroutable"},
    {broker_oversize, "broker_oversize"},
    {broker_unexpected, "broker_unexpected"},
    {broker_connections_made, "broker_connections_made"},
    {broker_connections_lost, "broker_connections_lost"},
    {broker_no_deliveries, "broker_no_deliveries"},
    {publishes_ok, "publishes_ok"},
    {publishes_down, "publishes_down"},
    {publishes_unknown, "publishes_unknown"},
    {publishes_too_big, "publishes_too_big"},
    {subscriptions_late, "subscriptions_late"},
    {subscriptions_refused, "subscriptions_refused"},
    {server_calls, "server_calls"},
    {server_calls_unanswered, "server_calls_unanswered"},
    {server_requests, "server_requests"},
    {server_requests_refused, "server_requests_refused"},
    {history_publishes_ok, "history_publishes_ok"},
    {history_publishes_down, "history_publishes_down"},
    {history_publishes_unknown, "history_publishes_unknown"},
    {history_reads, "history_reads"},
    {history_caught_up, "history_caught_up"},
    {history_duplicates, "history_duplicates"},
    {history_stale, "history_stale"},
    {history_gaps, "history_gaps"},
    {history_recovered, "history_recovered"},
    {history_not_recovered, "history_not_recovered"},
    {history_replays, "history_replays"},
    {posts_between_shards, "posts_between_shards"},
    {dropped_overloaded, "dropped_overloaded"},
    {closed_out_of_memory, "closed_out_of_memory"},
    {dropped_out_of_memory, "dropped_out_of_memory"},
    {tasks_failed, "tasks_failed"},
    {log_failures, "log_failures"},
});

constexpr bool is_complete_and_in_order() {
  if (kNames.size() != kCounters) return false;
  for (std::size_t i = 0; i < kCounters; ++i) {
    if (kNames[i].counter != static_cast<Counter>(i)) return false;
  }
  return true;
}
static_assert(is_complete_and_in_order(), "one line per counter, in the order of stats.h");

}  // namespace

std::string_view to_string(Counter counter) noexcept {
  const auto index = static_cast<std::size_t>(counter);
  return index < kNames.size() ? kNames[index].name : "unknown";
}

}  // namespace wscast
