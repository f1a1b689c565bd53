#include "broker/redis/history/broker_history.h"

#include <chrono>
#include <utility>

#include "base/random.h"

namespace wscast::redis {
namespace {

constexpr auto kReadOnlyPause = std::chrono::seconds(5);

}  // namespace

BrokerHistory::BrokerHistory(const RedisOptions& options, const RedisUrl& url, const Clock& clock,
                             Host host)
    : options_(options),
      url_(url),
      clock_(clock),
      host_(std::move(host)),
      scripts_([this](auto words, bool /*asking*/,
                      auto on_answer) { send(words, std::move(on_answer)); },
               system_random()),
      history_({.prefix = options.prefix,
                .max_envelope_bytes = options.max_publish_bytes,
                .rooms_per_call = is_cluster() ? 1U : 100U},
               history_host()) {}

RedisHistory::Host BrokerHistory::history_host() {
  return {
      .run = [this](ScriptCall call,
                    Publisher::OnAnswer done) { run(std::move(call), std::move(done)); },
      .later = host_.later,
      .count = host_.count,
      .refused = host_.refused,
      .read_only = [this](const std::string& why) { on_read_only(why); },
  };
}

void BrokerHistory::start(boost::asio::io_context& loop, PublishConnection& connection) {
  connection_ = &connection;
  if (!is_cluster()) return;
  cluster_ = std::make_unique<ClusterScripts>(loop, options_, url_, system_random(), clock_,
                                              connection, host_.settled);
}

void BrokerHistory::release_loop() {
  connection_ = nullptr;
  cluster_.reset();
}

void BrokerHistory::run(ScriptCall call, Publisher::OnAnswer on_answer) {
  if (connection_ == nullptr) return;  // Stopped.
  if (cluster_) return cluster_->run(std::move(call), std::move(on_answer));
  scripts_.run(std::make_shared<const ScriptCall>(std::move(call)), false, std::move(on_answer));
}

void BrokerHistory::send(std::span<const std::string_view> words, Publisher::OnAnswer on_answer) {
  if (connection_ != nullptr) connection_->query_in_time(words, std::move(on_answer));
}

/// The master is elsewhere since a failover. Without Sentinels it may be that a name leads to a
/// replica for good: messages without a history are not to suffer from that.
void BrokerHistory::on_read_only(const std::string& why) {
  host_.refused(why);
  if (connection_ == nullptr || is_cluster()) return;  // The slots are requested again there.
  const bool again = !read_only_at_ || clock_.now() - *read_only_at_ >= kReadOnlyPause;
  if (!again && url_.kind != RedisUrl::Kind::sentinel) return;
  read_only_at_ = clock_.now();
  connection_->reconnect(connection_->connection().peer() + ": " + why);
}

}  // namespace wscast::redis
