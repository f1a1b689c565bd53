#include "broker/redis/delivery_monitor.h"

#include <array>
#include <utility>

#include "base/log.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {

using Cause = BrokerFaults::Cause;

DeliveryMonitor::DeliveryMonitor(boost::asio::io_context& loop, const RedisOptions& options,
                                 bool has_sentinels, const Clock& clock, std::string channel,
                                 Watched watched, Events events)
    : clock_(clock),
      timeout_(options.probe_timeout),
      has_sentinels_(has_sentinels),
      channel_(std::move(channel)),
      watched_(watched),
      events_(std::move(events)),
      timer_(loop, [this] { on_timer(); }),
      probe_(options.probe_interval, options.probe_timeout) {}

void DeliveryMonitor::start() {
  accepted_ = false;
  probe_.start(clock_.now());
  timer_.fire_by(probe_.due());
}

void DeliveryMonitor::stop() {
  probe_.stop();
  timer_.cancel();
}

void DeliveryMonitor::on_lost(bool subscribe) {
  stop();
  watched_.faults.set(Cause::probe_refused, "");
  if (!subscribe) return;
  watched_.faults.set(Cause::channel_refused, "");
  channel_refused_at_.reset();
}

bool DeliveryMonitor::on_message(std::string_view payload) {
  const auto now = clock_.now();
  if (!probe_.on_returned(payload, now)) return false;
  if (const auto round_trip = probe_.round_trip()) events_.returned(*round_trip);
  recover();
  return true;
}

void DeliveryMonitor::on_channel_refused(const std::string& why) {
  watched_.faults.set(Cause::channel_refused, why);
  channel_refused_at_ = clock_.now();
}

void DeliveryMonitor::on_timer() {
  const auto now = clock_.now();
  if (channel_refused_at_ && now - *channel_refused_at_ >= timeout_) {
    channel_refused_at_.reset();
    return watched_.subscribe.reconnect(watched_.faults.of(Cause::channel_refused));
  }
  const std::string duration = " for " + std::to_string(timeout_.count()) + "ms";
  switch (probe_.on_time(now)) {
    case Probe::Step::wait:
      break;
    case Probe::Step::send:
      send_probe();
      break;
    case Probe::Step::unresponsive:
      fail("Redis at " + watched_.publish.connection().peer() + " has not answered" + duration,
           {.publish = true});
      break;
    case Probe::Step::no_deliveries:
      fail("no message came back through Redis at " + watched_.subscribe.connection().peer() +
               duration,
           {.publish = !probe_.all_accepted(), .subscribe = true});
      break;
  }
  timer_.fire_by(probe_.due());
}

void DeliveryMonitor::send_probe() {
  const auto number = probe_.sent();
  const auto text = std::to_string(number);
  const std::array<std::string_view, 3> words{"PUBLISH", channel_, text};
  watched_.publish.command(
      words, [this, number](const RespValue& reply) { on_probe_reply(number, reply); });
  if (!has_sentinels_) return;
  const std::array<std::string_view, 1> role{"ROLE"};
  watched_.publish.command(role, [this](const RespValue& reply) { on_role(reply); });
}

/// A connection on which a probe is refused works: it stays. Whether the other one works is not
/// known then.
void DeliveryMonitor::on_probe_reply(std::uint64_t number, const RespValue& reply) {
  probe_.on_accepted(number, clock_.now());
  const bool refused = reply.kind == RespValue::Kind::error;
  const std::string why =
      refused ? "Redis refuses PUBLISH " + channel_ + ": " + error_text(reply) : "";
  if (refused) probe_.postpone(clock_.now());
  if (watched_.faults.of(Cause::probe_refused) != why) {
    watched_.faults.set(Cause::probe_refused, why);
    events_.refusal_changed(why);
  }
  if (refused) return events_.refused(why, is_temporary(reply));
  accepted_ = true;
  recover();
  events_.accepted();
}

/// An error is no role: the user may not be allowed to ask.
void DeliveryMonitor::on_role(const RespValue& role) {
  if (role.kind != RespValue::Kind::array || role.elements.empty()) return;
  if (role.elements[0].text == "master") return;
  fail("Redis at " + watched_.publish.connection().peer() + " is not the master any more",
       {.publish = true, .subscribe = true});
}

void DeliveryMonitor::fail(const std::string& why, Reconnect reconnect) {
  if (!probe_.due()) return;
  probe_.stop();
  events_.no_deliveries();
  watched_.faults.set(Cause::no_deliveries, why);
  if (reconnect.subscribe) watched_.subscribe.reconnect(why);
  if (reconnect.publish) watched_.publish.reconnect(why);
}

void DeliveryMonitor::recover() {
  if (watched_.faults.of(Cause::no_deliveries).empty() || !probe_.healthy()) return;
  watched_.faults.set(Cause::no_deliveries, "");
  log(LogLevel::info, "redis_delivers", "Redis: messages come back");
}

}  // namespace wscast::redis
