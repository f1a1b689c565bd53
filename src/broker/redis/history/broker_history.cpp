#include "broker/redis/history/broker_history.h"

#include <chrono>
#include <utility>

#include "base/random.h"

namespace wscast::redis {
namespace {

constexpr auto kReadOnlyPause = std::chrono::seconds(5);

}  // namespace

BrokerHistory::BrokerHistory(const RedisOptions& options, bool has_sentinels, BrokerLog& log,
                             const Clock& clock, Host host)
    : has_sentinels_(has_sentinels),
      log_(log),
      clock_(clock),
      scripts_([this](auto words, auto on_answer) { send(words, std::move(on_answer)); },
               system_random()),
      history_({.prefix = options.prefix, .max_envelope_bytes = options.max_publish_bytes},
               history_host(std::move(host))) {}

RedisHistory::Host BrokerHistory::history_host(Host host) {
  return {
      .run = [this](ScriptCall call,
                    Publisher::OnAnswer done) { scripts_.run(std::move(call), std::move(done)); },
      .later = std::move(host.later),
      .count = std::move(host.count),
      .refused = [this](const std::string& why) { log_.history_refused(why); },
      .read_only = [this](const std::string& why) { on_read_only(why); },
  };
}

void BrokerHistory::send(std::span<const std::string_view> words, Publisher::OnAnswer on_answer) {
  if (connection_ != nullptr) connection_->query_in_time(words, std::move(on_answer));
}

/// The master is elsewhere since a failover. Without Sentinels it may be that a name leads to a
/// replica for good: messages without a history are not to suffer from that.
void BrokerHistory::on_read_only(const std::string& why) {
  log_.history_refused(why);
  const bool again = !read_only_at_ || clock_.now() - *read_only_at_ >= kReadOnlyPause;
  if (connection_ == nullptr || (!again && !has_sentinels_)) return;
  read_only_at_ = clock_.now();
  connection_->reconnect(connection_->connection().peer() + ": " + why);
}

}  // namespace wscast::redis
