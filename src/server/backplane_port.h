#pragma once

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "broker/broker.h"
#include "net/shard.h"
#include "protocol/backplane_message.h"
#include "server/delivery.h"
#include "server/named_log.h"

namespace wscast::server {

/// Where messages leave for the other servers and come from them: ties the broker to the shard that
/// it lives on, and judges what comes (protocol.md R1 to R5). That shard's thread only, but for
/// what says otherwise.
class BackplanePort final : private BrokerHost {
 public:
  /// What to do with a message of another server.
  using Receive = std::function<void(const protocol::BackplaneMessage&)>;

  BackplanePort(Broker& broker, const std::string& server_id, const NamedLog& log, Receive receive)
      : broker_(broker), server_id_(server_id), log_(log), receive_(std::move(receive)) {}

  // Any thread.

  bool reaches_others() const { return broker_.reaches_others(); }
  bool subscribes_exactly() const { return broker_.subscribes_exactly(); }
  std::size_t max_publish_bytes() const { return broker_.max_publish_bytes(); }
  std::string fault() const { return broker_.fault(); }

  void start(net::Shard& shard, Broker::Ready ready);

  /// What is said to it from now on goes nowhere.
  void stop(std::function<void()> done);

  /// The shard's loop has ended: the broker lets go of it. Tallies that waited for the broker are
  /// complete afterwards.
  void abandon();

  /// `tell` runs with the tally when that is complete.
  void publish(const Publication& publication, std::function<void(std::shared_ptr<Tally>)> tell);
  void change(const Occupancy& occupancy);

  /// `done` runs when the channels are heard; it gets those that the broker was refused.
  void hear(const std::vector<std::string>& channels, Broker::Subscribed done);

 private:
  boost::asio::io_context& loop() override { return shard_->loop(); }
  Counters& counters() override { return shard_->counters(); }
  const std::string& server_id() const override { return server_id_; }
  void on_envelope(std::string_view envelope) override;
  void refuse(protocol::BackplaneStatus status, std::string_view envelope);

  Broker& broker_;
  const std::string& server_id_;
  const NamedLog& log_;
  const Receive receive_;
  net::Shard* shard_ = nullptr;
  bool stopped_ = false;
  bool told_malformed_ = false;
  bool told_unroutable_ = false;
};

}  // namespace wscast::server
