#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/redis.h"

#include "base/clock.h"
#include "broker/broker.h"
#include "broker/owed_calls.h"
#include "broker/redis/broker_faults.h"
#include "broker/redis/broker_log.h"
#include "broker/redis/broker_vitals.h"
#include "broker/redis/connection/timer.h"
#include "broker/redis/delivery_monitor.h"
#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/history/broker_history.h"
#include "broker/redis/loss_notices.h"
#include "broker/redis/pubsub/publish_connection.h"
#include "broker/redis/pubsub/subscribe_connection.h"
#include "broker/redis/startup.h"

namespace wscast::redis {

/// The broker on Redis Pub/Sub (protocol.md section 3): one connection that publishes, one that
/// subscribes, and a monitor that checks that messages get through both.
class RedisBroker final : public Broker {
 public:
  /// `options` must be valid.
  explicit RedisBroker(RedisOptions options);

  bool reaches_others() const override { return true; }
  bool subscribes_exactly() const override { return options_.subscribe == RedisSubscribe::exact; }
  std::size_t max_publish_bytes() const override { return options_.max_publish_bytes; }

  void start(BrokerHost& host, Ready ready) override;
  void publish(std::string channel, std::string envelope, Done done) override;
  void subscribe(std::vector<std::string> channels, Subscribed done) override;
  void unsubscribe(std::vector<std::string> channels) override;
  void store(StoreRequest request, Stored done) override;
  History* history() override { return &history_.history(); }
  std::string fault() const override { return faults_.text(); }
  BackplaneState state() const override { return vitals_.state(clock_.now()); }
  void stop(std::function<void()> done) override;
  void abandon() override;

 private:
  PublishConnection::Events publish_events();
  SubscribeConnection::Events subscribe_events();
  DeliveryMonitor::Events monitor_events();
  SubscribeConnection::Permanent permanent() const;

  void start_monitor();
  void on_ready(ConnectionRole role);
  void note_ready(ConnectionRole role, bool ready);
  void report_gap();
  void note_loss(std::string_view channel);
  void report_losses();
  void on_lost(ConnectionRole role, bool was_ready, const std::string& why);
  void on_message(std::string_view channel, std::string_view payload);
  void on_subscription_refused(const Subscriptions::Refusal& refusal);
  void on_permanent_refused(const std::string& why);
  void count(Backplane outcome);

  const Connection& connection(ConnectionRole role) const;
  void finish_start_if_ready();
  void fail_start(const std::string& why);
  void on_ready_timeout();
  bool settled() const { return publish_connection_->settled() && history_.settled(); }
  void finish_stop_if_settled();
  void finish_stop();
  void release_loop();
  void later(std::function<void()> call);

  const RedisOptions options_;
  const RedisUrl url_;
  const Clock& clock_;
  BrokerHost* host_ = nullptr;
  std::string probe_channel_;

  /// When a message last showed that the subscription works; none before it was ready.
  std::optional<SteadyTime> received_at_;
  bool subscription_lost_ = false;  ///< Since then.
  LossNotices losses_;

  BrokerFaults faults_;
  BrokerLog log_;
  BrokerVitals vitals_;
  OwedCalls owed_;
  BrokerHistory history_;

  // From start() until it has stopped.
  std::optional<Startup> startup_;
  std::unique_ptr<PublishConnection> publish_connection_;
  std::unique_ptr<SubscribeConnection> subscribe_connection_;
  std::unique_ptr<DeliveryMonitor> monitor_;
  std::unique_ptr<Timer> loss_timer_;

  std::unique_ptr<Timer> stop_timer_;
  std::function<void()> stopped_;
};

}  // namespace wscast::redis
