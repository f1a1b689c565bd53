#include "broker/redis/redis_broker.h"

#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "wscast/constants.h"

#include "base/log.h"
#include "base/random.h"
#include "base/validated.h"
#include "broker/redis/store_text.h"
#include "protocol/channel.h"

namespace wscast {
namespace redis {
namespace {

using Cause = BrokerFaults::Cause;

constexpr auto kStopTimeout = std::chrono::seconds(1);

RedisUrl parse(const RedisOptions& options) {
  std::string fault;
  return parse_redis_url(options.url, fault).value();
}

/// `text` as PSUBSCRIBE takes it literally.
std::string escape_glob(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') escaped += '\\';
    escaped += c;
  }
  return escaped;
}

/// Whether one of permanent()'s patterns is for it.
bool is_covered_by_pattern(const std::string& channel) {
  return channel.starts_with(channels::room_prefix) ||
         channel.starts_with(channels::client_prefix) || channel.starts_with(channels::user_prefix);
}

Cause cause_of(ConnectionRole role) {
  return role == ConnectionRole::publish ? Cause::publish_connection : Cause::subscribe_connection;
}

}  // namespace

RedisBroker::RedisBroker(RedisOptions options)
    : options_(std::move(options)),
      url_(parse(options_)),
      clock_(system_clock()),
      history_(options_, url_, clock_,
               {.later = [this](std::function<void()> call) { later(std::move(call)); },
                .count = [this](Backplane outcome) { count(outcome); },
                .refused = [this](const std::string& why) { log_.history_refused(why); },
                .settled = [this] { finish_stop_if_settled(); }}) {}

void RedisBroker::start(BrokerHost& host, Ready ready) {
  host_ = &host;
  probe_channel_ = options_.prefix + protocol::probe_channel(host.server_id());
  auto& loop = host.loop();
  auto& random = system_random();
  publish_connection_ =
      std::make_unique<PublishConnection>(loop, options_, url_, random, clock_, publish_events());
  history_.start(loop, *publish_connection_);
  subscribe_connection_ = std::make_unique<SubscribeConnection>(
      loop, options_, url_, random, clock_, permanent(), subscribe_events());
  loss_timer_ = std::make_unique<Timer>(loop, [this] { report_losses(); });
  monitor_ = std::make_unique<DeliveryMonitor>(
      loop, options_, url_.kind == RedisUrl::Kind::sentinel, clock_, probe_channel_,
      DeliveryMonitor::Watched{*publish_connection_, *subscribe_connection_, faults_},
      monitor_events());
  startup_.emplace(loop, options_, clock_, std::move(ready), [this] { on_ready_timeout(); });
  faults_.set(Cause::publish_connection, "Redis is not connected yet");
  faults_.set(Cause::subscribe_connection, "Redis is not connected yet");
  publish_connection_->start();
  subscribe_connection_->start();
}

void RedisBroker::publish(std::string channel, std::string envelope, Done done) {
  if (!publish_connection_) return;  // Stopped.
  if (envelope.size() > options_.max_publish_bytes) {
    later([this, done = std::move(done)] {
      count(Backplane::down);
      if (done) done(Backplane::down);
    });
    return;
  }
  history_.flush();
  publish_connection_->publish(options_.prefix + channel, envelope,
                               [this, done = std::move(done)](const Published& published) {
                                 count(published.outcome);
                                 if (done) done(published.outcome);
                               });
}

void RedisBroker::subscribe(std::vector<std::string> channels, Subscribed done) {
  if (!subscribe_connection_) return;  // Stopped.
  if (!subscribes_exactly()) std::erase_if(channels, is_covered_by_pattern);
  if (channels.empty()) {
    if (done) later([done = std::move(done)] { done({}); });
    return;
  }
  for (auto& channel : channels) channel.insert(0, options_.prefix);
  if (!done || options_.prefix.empty()) {
    subscribe_connection_->subscribe(std::move(channels), std::move(done));
    return;
  }
  const auto without_prefix = [this, done = std::move(done)](std::vector<std::string> refused) {
    for (auto& channel : refused) channel.erase(0, options_.prefix.size());
    done(refused);
  };
  subscribe_connection_->subscribe(std::move(channels), without_prefix);
}

void RedisBroker::unsubscribe(std::vector<std::string> channels) {
  if (!subscribe_connection_) return;  // Stopped.
  if (!subscribes_exactly()) std::erase_if(channels, is_covered_by_pattern);
  if (channels.empty()) return;
  for (auto& channel : channels) channel.insert(0, options_.prefix);
  subscribe_connection_->unsubscribe(std::move(channels));
}

void RedisBroker::store(StoreRequest request, Stored done) {
  const bool there = publish_connection_ && url_.kind != RedisUrl::Kind::cluster;
  if (!there) return later([done = std::move(done)] { done({}); });
  store_text(*publish_connection_, options_.prefix, std::move(request),
             {.done = std::move(done),
              .refused = [this](const std::string& why) { log_.store_refused(why); }});
}

void RedisBroker::stop(std::function<void()> done) {
  if (!publish_connection_) return later(std::move(done));  // Stopped already.
  stopped_ = std::move(done);
  monitor_->stop();
  loss_timer_->cancel();
  startup_->cancel_timeout();
  stop_timer_ = std::make_unique<Timer>(host_->loop(), [this] { finish_stop(); });
  if (settled()) {
    later([this] { finish_stop(); });
  } else {
    stop_timer_->fire_by(clock_.now() + kStopTimeout);
  }
}

/// Each callback that is owed by the loop is in owed_.
void RedisBroker::abandon() {
  history_.stop(true);
  if (publish_connection_) publish_connection_->abandon();
  if (subscribe_connection_) subscribe_connection_->abandon();
  owed_.run_all();
  if (startup_) startup_->finish("stopped");
  release_loop();
  if (stopped_) std::exchange(stopped_, nullptr)();
}

PublishConnection::Events RedisBroker::publish_events() {
  return {
      .ready = [this] { on_ready(ConnectionRole::publish); },
      .lost = [this](bool was_ready,
                     const std::string& why) { on_lost(ConnectionRole::publish, was_ready, why); },
      .settled = [this] { finish_stop_if_settled(); },
      .refused = [this](const std::string& why) { log_.publish_refused(why); },
      .unexpected = [this] { host_->counters().add(Counter::broker_unexpected); },
      .nodes = [this](const std::vector<Host>& nodes) { subscribe_connection_->set_nodes(nodes); },
  };
}

SubscribeConnection::Events RedisBroker::subscribe_events() {
  return {
      .connected = [this] { start_monitor(); },
      // From now on a probe can come back: one is sent at once.
      .ready = [this] { on_ready(ConnectionRole::subscribe); },
      .lost = [this](
                  bool was_ready,
                  const std::string& why) { on_lost(ConnectionRole::subscribe, was_ready, why); },
      .message = [this](std::string_view channel,
                        std::string_view payload) { on_message(channel, payload); },
      .read_end = [this] { host_->on_read_end(); },
      .oversize =
          [this](std::string_view channel, std::int64_t bytes) {
            host_->counters().add(Counter::broker_oversize);
            log_.oversize(bytes);
            if (channel != probe_channel_) note_loss(channel);
          },
      .progress = [this] { monitor_->postpone(); },
      .refused =
          [this](const Subscriptions::Refusal& refusal) { on_subscription_refused(refusal); },
      .unexpected = [this] { host_->counters().add(Counter::broker_unexpected); },
      .late = [this](std::uint64_t n) { host_->counters().add(Counter::subscriptions_late, n); },
      .settled_late = [this](const std::string& channel) { note_loss(channel); },
  };
}

DeliveryMonitor::Events RedisBroker::monitor_events() {
  return {
      .returned =
          [this](std::chrono::nanoseconds round_trip) {
            vitals_.on_probe(round_trip, clock_.now());
          },
      .no_deliveries = [this] { host_->counters().add(Counter::broker_no_deliveries); },
      .accepted = [this] { finish_start_if_ready(); },
      .refused =
          [this](const std::string& why, bool temporary) {
            if (startup_->pending() && !temporary) fail_start(why);
          },
      .refusal_changed =
          [this](const std::string& why) {
            if (startup_->pending()) return;
            if (why.empty())
              return log(LogLevel::info, "redis_probe_accepted", "Redis takes probes again");
            log(LogLevel::error, "redis_probe_refused", why);
          },
  };
}

/// In patterns mode no channel is subscribed to that a pattern covers: Redis would send twice.
SubscribeConnection::Permanent RedisBroker::permanent() const {
  SubscribeConnection::Permanent permanent{
      {options_.prefix + std::string(protocol::kBroadcastChannel), probe_channel_}};
  if (subscribes_exactly()) return permanent;
  const auto prefix = escape_glob(options_.prefix);
  permanent.patterns = {prefix + protocol::room_channel("*"),
                        prefix + protocol::client_channel("*"),
                        prefix + protocol::user_channel("*")};
  return permanent;
}

void RedisBroker::start_monitor() {
  const bool both =
      publish_connection_->connection().ready() && subscribe_connection_->connection().ready();
  if (both) monitor_->start();
}

void RedisBroker::on_ready(ConnectionRole role) {
  log_.connected(role, connection(role).peer(), startup_->pending());
  host_->counters().add(Counter::broker_connections_made);
  note_ready(role, true);
  faults_.set(cause_of(role), "");
  if (role == ConnectionRole::subscribe) report_gap();
  finish_start_if_ready();
  start_monitor();
}

void RedisBroker::note_ready(ConnectionRole role, bool ready) {
  role == ConnectionRole::publish ? vitals_.set_publishes(ready) : vitals_.set_subscribes(ready);
}

/// The connection may have been dead for a while before it was found to be.
void RedisBroker::report_gap() {
  const auto last = std::exchange(received_at_, clock_.now());
  if (!std::exchange(subscription_lost_, false)) return;
  host_->on_gap(std::chrono::duration_cast<std::chrono::milliseconds>(*received_at_ - *last));
}

/// Told at the end of the loop iteration, or before the next message: one notice for what is lost
/// together.
void RedisBroker::note_loss(std::string_view channel) {
  if (channel.starts_with(options_.prefix)) channel.remove_prefix(options_.prefix.size());
  losses_.add(channel, clock_.now());
  loss_timer_->fire_by(losses_.next_deadline());
}

/// If it fails for want of memory, the gap of a new connection is told in its place.
void RedisBroker::report_losses() try {
  const auto channels = losses_.take_due(clock_.now());
  loss_timer_->fire_by(losses_.next_deadline());
  if (!channels.empty()) host_->on_loss(channels);
} catch (const std::exception&) {
  subscribe_connection_->reconnect("out of memory");
}

void RedisBroker::on_lost(ConnectionRole role, bool was_ready, const std::string& why) {
  if (was_ready) host_->counters().add(Counter::broker_connections_lost);
  note_ready(role, false);
  faults_.set(cause_of(role), why);
  if (role == ConnectionRole::publish) history_.on_lost();
  if (role == ConnectionRole::subscribe && received_at_) subscription_lost_ = true;
  monitor_->on_lost(role == ConnectionRole::subscribe);
  if (!startup_->pending()) return log_.lost(role, why);
  switch (start_verdict(connection(role), was_ready, clock_.now(), startup_->waits_until())) {
    case StartVerdict::wait:
      return log_.waiting(role, why);
    case StartVerdict::go_on:
      return log_.lost(role, why);
    case StartVerdict::fail:
      return fail_start(why);
  }
}

void RedisBroker::on_message(std::string_view channel, std::string_view payload) {
  if (channel != probe_channel_) {
    if (losses_.any_due()) report_losses();
    host_->on_envelope(payload);
  } else if (!monitor_->on_message(payload)) {
    host_->counters().add(Counter::broker_unexpected);
  } else if (received_at_) {
    received_at_ = clock_.now();
  }
}

/// An ACL, in most cases. Its words do not name the channel.
void RedisBroker::on_subscription_refused(const Subscriptions::Refusal& refusal) {
  host_->counters().add(Counter::subscriptions_refused);
  const std::string why = "Redis refuses " + std::string(refusal.verb) + ' ' +
                          printable(refusal.channel) + ": " + refusal.words;
  if (refusal.permanent) return on_permanent_refused(why);
  log_.subscription_refused(refusal.channel, why);
}

/// Without these a server gets no messages.
void RedisBroker::on_permanent_refused(const std::string& why) {
  if (!faults_.of(Cause::channel_refused).empty()) return;
  monitor_->on_channel_refused(why);
  if (startup_->pending()) return fail_start(why);
  log(LogLevel::error, "redis_subscription_refused", why);
}

void RedisBroker::count(Backplane outcome) {
  switch (outcome) {
    case Backplane::ok:
      return host_->counters().add(Counter::publishes_ok);
    case Backplane::unknown:
      return host_->counters().add(Counter::publishes_unknown);
    default:
      return host_->counters().add(Counter::publishes_down);
  }
}

const Connection& RedisBroker::connection(ConnectionRole role) const {
  return role == ConnectionRole::publish ? publish_connection_->connection()
                                         : subscribe_connection_->connection();
}

void RedisBroker::finish_start_if_ready() {
  const bool ready = publish_connection_->connection().ready() && subscribe_connection_->ready();
  if (!ready || !monitor_->accepted() || !faults_.of(Cause::channel_refused).empty()) return;
  startup_->finish(std::nullopt);
}

void RedisBroker::fail_start(const std::string& why) {
  publish_connection_->stop();
  subscribe_connection_->stop();
  faults_.set(Cause::publish_connection, why);
  faults_.set(Cause::subscribe_connection, why);
  startup_->finish(why);
}

void RedisBroker::on_ready_timeout() {
  const bool publishes = publish_connection_->connection().ready();
  const auto late = publishes ? ConnectionRole::subscribe : ConnectionRole::publish;
  fail_start(ready_timeout_text(options_, connection(late)));
}

void RedisBroker::finish_stop_if_settled() {
  if (stopped_ && settled()) finish_stop();
}

void RedisBroker::finish_stop() {
  if (!stopped_) return;
  stop_timer_->cancel();
  history_.stop(false);
  publish_connection_->stop();
  subscribe_connection_->stop();
  later([this, stopped = std::exchange(stopped_, nullptr)] {
    startup_->finish("stopped");
    release_loop();
    stopped();
  });
}

/// Destroys what refers to the loop, which this may outlive.
void RedisBroker::release_loop() {
  vitals_.set_publishes(false);
  vitals_.set_subscribes(false);
  monitor_.reset();
  loss_timer_.reset();
  history_.release_loop();
  publish_connection_.reset();
  subscribe_connection_.reset();
  startup_.reset();
  stop_timer_.reset();
}

void RedisBroker::later(std::function<void()> call) {
  owed_.add(host_->loop(), std::move(call));
}

}  // namespace redis

std::shared_ptr<Broker> redis_broker(RedisOptions options) {
  return std::make_shared<redis::RedisBroker>(validated(std::move(options)));
}

}  // namespace wscast
