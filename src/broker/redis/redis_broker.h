#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/redis.h"

#include "base/clock.h"
#include "broker/broker.h"
#include "broker/owed_calls.h"
#include "broker/redis/alarm.h"
#include "broker/redis/probe.h"
#include "broker/redis/publish_link.h"
#include "broker/redis/redis_url.h"
#include "broker/redis/subscribe_link.h"

namespace wscast::redis {

/// The broker on Redis Pub/Sub (protocol.md section 3): one link that publishes, one that listens,
/// and a probe that goes round through both.
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
  std::string fault() const override;
  void stop(std::function<void()> done) override;
  void abandon() override;

 private:
  /// Why one of our links does not work; empty when it does. One line a cause in the log,
  /// also when both links have it.
  struct LinkFault {
    std::string why{};
    std::string logged{};
  };

  struct Redialled {
    bool publish_link = false;
    bool subscribe_link = false;
  };

  PublishLink::Events publish_events();
  SubscribeLink::Events subscribe_events();
  SubscribeLink::Always always() const;

  void on_connected();
  void on_publish_ready();
  void on_subscribe_ready();
  void on_lost(LinkFault& fault, const Link& link, bool was_ready, const std::string& why);
  void on_works(LinkFault& fault, const Link& link);
  const LinkFault& other(const LinkFault& fault) const;
  void on_message(std::string_view channel, std::string_view payload);
  void on_oversize(std::int64_t bytes);
  void on_subscription_refused(const Subscriptions::Refusal& refusal);
  void on_always_refused(const std::string& why);
  void on_probe_answer(std::uint64_t number, const Reply& reply);
  void on_publish_refused(const std::string& why);
  void count(Backplane outcome);

  void on_probe_alarm();
  void send_probe();
  void on_role(const Reply& role);
  void on_deaf(const std::string& why, Redialled redialled);
  void end_deafness();

  bool waits_for(const Link& link) const;
  void announce_if_ready();
  void announce(const std::optional<std::string>& failure);
  void fail_start(const std::string& why);
  void on_ready_timeout();
  void finish_stop();
  void let_go();
  void note_fault();
  void later(std::function<void()> call);

  const RedisOptions options_;
  const RedisUrl url_;
  const Clock& clock_;
  BrokerHost* host_ = nullptr;
  std::string probe_channel_;

  std::unique_ptr<PublishLink> publish_link_;
  std::unique_ptr<SubscribeLink> subscribe_link_;
  std::unique_ptr<Alarm> probe_alarm_;
  std::unique_ptr<Alarm> patience_;  // For the first connection; later for what stop() waits for.

  Ready ready_;
  std::function<void()> stopped_;
  OwedCalls owed_;

  SteadyTime fails_from_{};  // Until then a Redis that is not there yet is waited for.
  bool told_waiting_ = false;

  Probe probe_;
  bool probe_taken_ = false;  // Since both links are there.
  LinkFault publish_fault_;
  LinkFault subscribe_fault_;
  std::string deaf_;
  std::string refused_;  // A channel of Always.
  std::optional<SteadyTime> refused_at_;
  std::string probe_refused_;
  std::set<std::string> refusals_logged_;  // Channels.
  bool oversize_logged_ = false;
  std::string publish_refusal_logged_;

  mutable std::mutex fault_mutex_;
  std::string fault_;
};

}  // namespace wscast::redis
