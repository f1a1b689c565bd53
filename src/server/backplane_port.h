#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/measurements.h"

#include "base/counters.h"
#include "base/named_log.h"
#include "broker/broker.h"
#include "protocol/backplane_message.h"
#include "server/shard_command.h"

namespace wscast::server {

/// Ties the broker to the shard that it lives on: passes on what this server publishes, and
/// validates what the other servers publish (protocol.md R1 to R5). That shard's thread only,
/// unless noted.
class BackplanePort final : private BrokerHost {
 public:
  /// Handles a valid message of another server.
  using OnMessage = std::function<void(const protocol::BackplaneMessage&)>;

  /// Messages of other servers were lost.
  using OnGap = std::function<void()>;

  /// The same, of those published to some channels only.
  using OnLoss = std::function<void(const std::vector<std::string>& channels)>;

  /// As BrokerHost::on_read_end().
  using OnReadEnd = std::function<void()>;

  BackplanePort(Broker& broker, const std::string& server_id, const NamedLog& log,
                OnMessage on_message, OnReadEnd on_read_end, OnGap on_gap, OnLoss on_loss)
      : broker_(broker),
        server_id_(server_id),
        log_(log),
        on_message_(std::move(on_message)),
        on_read_end_(std::move(on_read_end)),
        on_gap_(std::move(on_gap)),
        on_loss_(std::move(on_loss)) {}

  // Any thread.

  bool reaches_others() const { return broker_.reaches_others(); }
  bool subscribes_exactly() const { return broker_.subscribes_exactly(); }
  std::size_t max_publish_bytes() const { return broker_.max_publish_bytes(); }
  std::string fault() const { return broker_.fault(); }
  BackplaneState state() const { return broker_.state(); }

  /// `loop` and `counters` are those of the broker's shard.
  void start(boost::asio::io_context& loop, Counters& counters, Broker::Ready ready);

  /// From now on publishes are reported `down`, and subscriptions are ignored.
  void stop(std::function<void()> done);

  /// The shard's loop has ended: the broker lets go of it. Aggregators that waited for the broker
  /// are complete afterwards. No-op before start().
  void abandon();

  /// `complete` runs with the aggregator when the broker's report was the last one. A message with
  /// RemotePublish::history goes into the history of its room.
  void publish(const RemotePublish& publish,
               std::function<void(std::shared_ptr<PublishAggregator>)> complete);

  /// The same for a message to servers themselves.
  void publish(std::string channel, std::string envelope, Broker::Done done);

  /// Null: the broker has no history.
  History* history() { return broker_.history(); }

  /// Broker::store(); `unavailable` once stopped.
  void store(StoreRequest request, Broker::Stored done);

  void change_interest(const Interest& interest);

  /// `done` runs when the subscriptions are confirmed, with those of `channels` that were refused.
  void subscribe(const std::vector<std::string>& channels, Broker::Subscribed done);

 private:
  boost::asio::io_context& loop() override { return *loop_; }
  Counters& counters() override { return *counters_; }
  const std::string& server_id() const override { return server_id_; }
  void append(const RemotePublish& publish,
              std::function<void(std::shared_ptr<PublishAggregator>)> complete);
  void count(Backplane outcome);
  void on_envelope(std::string_view envelope) override;
  void on_read_end() override { on_read_end_(); }
  void on_gap(std::chrono::milliseconds away) override;
  void on_loss(const std::vector<std::string>& channels) override;
  void drop(protocol::BackplaneStatus status, std::string_view envelope);

  Broker& broker_;
  const std::string& server_id_;
  const NamedLog& log_;
  const OnMessage on_message_;
  const OnReadEnd on_read_end_;
  const OnGap on_gap_;
  const OnLoss on_loss_;
  boost::asio::io_context* loop_ = nullptr;  ///< Null before start().
  Counters* counters_ = nullptr;
  bool stopped_ = false;
  bool logged_malformed_ = false;
  bool logged_unroutable_ = false;
};

}  // namespace wscast::server
