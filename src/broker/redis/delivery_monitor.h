#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/redis.h"

#include "base/clock.h"
#include "broker/redis/broker_faults.h"
#include "broker/redis/connection/timer.h"
#include "broker/redis/pubsub/probe.h"
#include "broker/redis/pubsub/publish_connection.h"
#include "broker/redis/pubsub/subscribe_connection.h"

namespace wscast::redis {

/// Checks that messages get through: publishes a Probe that comes back through both connections,
/// and behind Sentinels asks whether this is still the master. Reconnects what does not work. Loop
/// thread only; callbacks come from the loop.
class DeliveryMonitor {
 public:
  /// All of them are required.
  struct Events {
    std::function<void(std::chrono::nanoseconds round_trip)> returned;  ///< A probe came back.
    std::function<void()> no_deliveries;
    std::function<void()> accepted;  ///< Redis accepted a probe.
    std::function<void(const std::string& why, bool temporary)> refused;  ///< Not that one.

    /// Redis refuses probes for another reason than before; empty: it accepts them again.
    std::function<void(const std::string& why)> refusal_changed;
  };

  /// What it watches. All of them must outlive it.
  struct Watched {
    PublishConnection& publish;
    SubscribeConnection& subscribe;
    BrokerFaults& faults;
  };

  /// `channel`: of this server's probes, as on the wire.
  DeliveryMonitor(boost::asio::io_context& loop, const RedisOptions& options, bool has_sentinels,
                  const Clock& clock, std::string channel, Watched watched, Events events);

  /// Begins with a probe at once. Both connections must be ready.
  void start();

  /// To be called when a connection was lost, and when the broker stops.
  void stop();

  /// The publishing or subscribing connection was lost: its refusals are forgotten.
  void on_lost(bool subscribe);

  /// A message on the probes' channel. False when it is no probe of this server.
  bool on_message(std::string_view payload);

  /// A message arrived before a probe can be back.
  void postpone() { probe_.postpone(clock_.now()); }

  /// Redis refuses a channel without which the server gets no messages. The connection is made anew
  /// after RedisOptions::probe_timeout, so that it recovers when Redis is set right.
  void on_channel_refused(const std::string& why);

  /// Whether a probe was accepted since start().
  bool accepted() const { return accepted_; }

 private:
  struct Reconnect {
    bool publish = false;
    bool subscribe = false;
  };

  void on_timer();
  void send_probe();
  void on_probe_reply(std::uint64_t number, const RespValue& reply);
  void on_role(const RespValue& role);
  void fail(const std::string& why, Reconnect reconnect);
  void recover();

  const Clock& clock_;
  const std::chrono::milliseconds timeout_;
  const bool has_sentinels_;
  const std::string channel_;
  const Watched watched_;
  const Events events_;
  Timer timer_;
  Probe probe_;
  bool accepted_ = false;
  std::optional<SteadyTime> channel_refused_at_;
};

}  // namespace wscast::redis
