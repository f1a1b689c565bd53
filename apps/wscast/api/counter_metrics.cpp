#include "api/counter_metrics.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <string>
#include <string_view>

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
    {bytes_received, "Bytes that were read from peers, without what TLS and PROXY headers add."},
    {bytes_sent, "Bytes that were given to the kernel for peers, without what TLS adds."},
    {messages_received, "Complete messages of clients."},
    {batched_sends, "Writes to connections that io_uring did, many by one system call."},
    {messages_sent, "Messages that were queued for clients, of the server itself too."},
    {close_timeouts, "Connections reset, without a close frame in return."},
    {pongs_dropped, "Pongs to clients that do not read."},
    {deflate_connections, "WebSocket connections with permessage-deflate."},
    {messages_inflated, "Compressed messages of clients."},
    {inflated_bytes, "Bytes of compressed messages of clients, inflated."},
    {compressed_forms, "Compressions of a message."},
    {compressed_forms_in_vain, "Compressions that made a message no smaller."},
    {compressed_sends, "Messages sent in a compressed form."},
    {compressed_bytes, "Bytes of messages sent in a compressed form."},
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
    {server_calls, "Calls to the other servers."},
    {server_calls_unanswered, "Servers that did not respond to these in time, or failed."},
    {server_requests, "Calls of other servers."},
    {server_requests_refused, "Those that nothing handles, or that were too many at once."},
    {history_publishes_ok, "Messages that the broker has put into a history."},
    {history_publishes_down, "Messages for a history that the broker did not get, or refused."},
    {history_publishes_unknown,
     "Messages for a history of which the broker did not say in time what became of them."},
    {history_reads, "Reads of a part of a history."},
    {history_caught_up, "Messages that were read from a history since they had not arrived."},
    {history_duplicates, "Messages of a history that had been delivered already."},
    {history_stale, "Messages of a history that was over already."},
    {history_gaps,
     "Times that messages of a room with history were lost for its members, who are told."},
    {history_recovered, "Rooms of clients that came back and got all that they missed."},
    {history_not_recovered,
     "Rooms of clients that came back, or read too slowly, and could not get what they missed."},
    {history_replays,
     "Times that a client read too slowly and got messages from the history later."},
    {posts_between_shards, "Messages and commands passed to another shard."},
    {tasks_failed, "Tasks of a shard that were given up, for want of memory."},
    {log_failures, "Log lines that could not be written."},
});

const Single* single_of(Counter counter) {
  const auto found = std::ranges::find(kSingles, counter, &Single::counter);
  return found == kSingles.end() ? nullptr : found;
}

template <class Use>
void for_each_counter(Use use) {
  for (std::size_t i = 0; i < kCounters; ++i) use(static_cast<Counter>(i));
}

}  // namespace

void write_counters(MetricWriter& out, const Stats& stats) {
  for (const Family& family : kFamilies) {
    out.head(family.metric, "counter", family.help);
    for_each_counter([&](Counter counter) {
      const std::string_view name = to_string(counter);
      if (!name.starts_with(family.prefix) || single_of(counter) != nullptr) return;
      out.sample(stats[counter], label(family.label, name.substr(family.prefix.size())));
    });
  }
  for_each_counter([&](Counter counter) {
    const Single* single = single_of(counter);
    if (single == nullptr) return;
    out.head("wscast_" + std::string(to_string(counter)) + "_total", "counter", single->help);
    out.sample(stats[counter]);
  });
}

}  // namespace wscast::program
