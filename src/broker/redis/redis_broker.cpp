#include "broker/redis/redis_broker.h"

#include <chrono>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "base/validated.h"
#include "broker/redis/error_words.h"
#include "broker/redis/startup.h"
#include "protocol/channel.h"

namespace wscast {
namespace redis {
namespace {

constexpr auto kStopPatience = std::chrono::seconds(1);
constexpr std::size_t kMaxRefusalsLogged = 100;

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

void add_sentence(std::string& all, const std::string& sentence) {
  if (sentence.empty() || all.find(sentence) != std::string::npos) return;
  if (!all.empty()) all += "; ";
  all += sentence;
}

}  // namespace

RedisBroker::RedisBroker(RedisOptions options)
    : options_(std::move(options)),
      url_(parse(options_)),
      clock_(system_clock()),
      probe_(options_.probe_interval, options_.probe_timeout) {}

void RedisBroker::start(BrokerHost& host, Ready ready) {
  host_ = &host;
  ready_ = std::move(ready);
  probe_channel_ = options_.prefix + protocol::probe_channel(host.server_id());
  auto& loop = host.loop();
  auto& random = system_random();
  publish_link_ =
      std::make_unique<PublishLink>(loop, options_, url_, random, clock_, publish_events());
  subscribe_link_ = std::make_unique<SubscribeLink>(loop, options_, url_, random, clock_, always(),
                                                    subscribe_events());
  probe_alarm_ = std::make_unique<Alarm>(loop, [this] { on_probe_alarm(); });
  patience_ = std::make_unique<Alarm>(loop, [this] { on_ready_timeout(); });
  publish_fault_.why = subscribe_fault_.why = "Redis is not connected yet";
  note_fault();
  const auto now = clock_.now();
  fails_from_ = now + startup_wait_of(options_);
  patience_->ring_by(now + start_timeout_of(options_));
  publish_link_->start();
  subscribe_link_->start();
}

void RedisBroker::publish(std::string channel, std::string envelope, Done done) {
  if (!publish_link_) return;  // Stopped.
  if (envelope.size() > options_.max_publish_bytes) {
    later([this, done = std::move(done)] {
      count(Backplane::down);
      if (done) done(Backplane::down);
    });
    return;
  }
  publish_link_->publish(options_.prefix + channel, envelope,
                         [this, done = std::move(done)](const Published& published) {
                           count(published.outcome);
                           if (done) done(published.outcome);
                         });
}

void RedisBroker::subscribe(std::vector<std::string> channels, Subscribed done) {
  if (!subscribe_link_) return;  // Stopped.
  if (!subscribes_exactly()) {
    if (done) later([done = std::move(done)] { done({}); });
    return;
  }
  for (auto& channel : channels) channel.insert(0, options_.prefix);
  if (!done || options_.prefix.empty()) {
    subscribe_link_->subscribe(std::move(channels), std::move(done));
    return;
  }
  const auto without_prefix = [this, done = std::move(done)](std::vector<std::string> refused) {
    for (auto& channel : refused) channel.erase(0, options_.prefix.size());
    done(refused);
  };
  subscribe_link_->subscribe(std::move(channels), without_prefix);
}

void RedisBroker::unsubscribe(std::vector<std::string> channels) {
  if (!subscribe_link_ || !subscribes_exactly()) return;
  for (auto& channel : channels) channel.insert(0, options_.prefix);
  subscribe_link_->unsubscribe(std::move(channels));
}

std::string RedisBroker::fault() const {
  const std::lock_guard lock(fault_mutex_);
  return fault_;
}

void RedisBroker::stop(std::function<void()> done) {
  if (!publish_link_) return later(std::move(done));  // Stopped already.
  stopped_ = std::move(done);
  probe_.stop();
  probe_alarm_->cancel();
  patience_ = std::make_unique<Alarm>(host_->loop(), [this] { finish_stop(); });
  if (publish_link_->settled()) {
    later([this] { finish_stop(); });
  } else {
    patience_->ring_by(clock_.now() + kStopPatience);
  }
}

PublishLink::Events RedisBroker::publish_events() {
  return {
      .ready = [this] { on_publish_ready(); },
      .lost =
          [this](bool was_ready, const std::string& why) {
            on_lost(publish_fault_, publish_link_->link(), was_ready, why);
          },
      .settled =
          [this] {
            if (stopped_) finish_stop();
          },
      .refused = [this](const std::string& why) { on_publish_refused(why); },
      .unexpected = [this] { host_->counters().add(Counter::broker_unexpected); },
      .nodes = [this](const std::vector<Host>& nodes) { subscribe_link_->learn(nodes); },
  };
}

SubscribeLink::Events RedisBroker::subscribe_events() {
  return {
      .connected = [this] { on_connected(); },
      .ready = [this] { on_subscribe_ready(); },
      .lost =
          [this](bool was_ready, const std::string& why) {
            on_lost(subscribe_fault_, subscribe_link_->link(), was_ready, why);
          },
      .message = [this](std::string_view channel,
                        std::string_view payload) { on_message(channel, payload); },
      .oversize = [this](std::int64_t bytes) { on_oversize(bytes); },
      .progress = [this] { probe_.postpone(clock_.now()); },
      .refused =
          [this](const Subscriptions::Refusal& refusal) { on_subscription_refused(refusal); },
      .unexpected = [this] { host_->counters().add(Counter::broker_unexpected); },
      .late = [this](std::uint64_t n) { host_->counters().add(Counter::subscriptions_late, n); },
  };
}

/// In patterns mode no channel is subscribed to that a pattern covers: Redis would send twice.
SubscribeLink::Always RedisBroker::always() const {
  SubscribeLink::Always always{
      {options_.prefix + std::string(protocol::kBroadcastChannel), probe_channel_}};
  if (subscribes_exactly()) return always;
  const auto prefix = escape_glob(options_.prefix);
  always.patterns = {prefix + protocol::room_channel("*"), prefix + protocol::client_channel("*"),
                     prefix + protocol::user_channel("*")};
  return always;
}

void RedisBroker::on_connected() {
  if (!publish_link_->link().ready() || !subscribe_link_->link().ready()) return;
  probe_taken_ = false;
  probe_.start(clock_.now());
  probe_alarm_->ring_by(probe_.due());
}

void RedisBroker::on_publish_ready() {
  on_works(publish_fault_, publish_link_->link());
  on_connected();
}

void RedisBroker::on_subscribe_ready() {
  on_works(subscribe_fault_, subscribe_link_->link());
  on_connected();  // From now on a probe can come back: one goes at once.
}

const RedisBroker::LinkFault& RedisBroker::other(const LinkFault& fault) const {
  return &fault == &publish_fault_ ? subscribe_fault_ : publish_fault_;
}

void RedisBroker::on_works(LinkFault& fault, const Link& link) {
  if (!fault.logged.empty() && other(fault).logged.empty()) {
    log(LogLevel::info, (ready_ ? "Redis is there: " : "Redis is back: ") + link.peer());
  }
  fault = {};
  note_fault();
  announce_if_ready();
}

void RedisBroker::on_lost(LinkFault& fault, const Link& link, bool was_ready,
                          const std::string& why) {
  probe_.stop();
  probe_alarm_->cancel();
  if (was_ready) host_->counters().add(Counter::broker_connections_lost);
  if (&fault == &subscribe_fault_) {
    refused_.clear();
    refused_at_.reset();
  }
  probe_refused_.clear();
  fault.why = why;
  note_fault();
  if (ready_ && waits_for(link)) {
    fault.logged = why;
    if (std::exchange(told_waiting_, true)) return;
    log(LogLevel::warning, "Redis is not there yet, waiting for it: " + why);
  } else if (ready_ && !was_ready && !link.silent()) {
    fail_start(why);
  } else if (fault.logged != why) {
    if (other(fault).logged != why) log(LogLevel::warning, "Redis: " + why);
    fault.logged = why;
  }
}

void RedisBroker::on_message(std::string_view channel, std::string_view payload) {
  if (channel != probe_channel_) {
    host_->on_envelope(payload);
  } else if (!probe_.on_probe(payload, clock_.now())) {
    host_->counters().add(Counter::broker_unexpected);
  } else {
    end_deafness();
  }
}

void RedisBroker::on_oversize(std::int64_t bytes) {
  host_->counters().add(Counter::broker_oversize);
  if (std::exchange(oversize_logged_, true)) return;
  log(LogLevel::warning, "Redis: dropped a message of " + std::to_string(bytes) +
                             " bytes, over max_receive_bytes; others are only counted");
}

/// An ACL, in most cases. Its words do not name the channel.
void RedisBroker::on_subscription_refused(const Subscriptions::Refusal& refusal) {
  host_->counters().add(Counter::subscriptions_refused);
  const std::string why = "Redis refuses " + std::string(refusal.verb) + ' ' +
                          printable(refusal.channel) + ": " + refusal.words;
  if (refusal.always) return on_always_refused(why);
  if (refusals_logged_.size() >= kMaxRefusalsLogged) return;
  if (!refusals_logged_.insert(refusal.channel).second) return;
  const bool last = refusals_logged_.size() == kMaxRefusalsLogged;
  log(LogLevel::warning, why + (last ? "; other channels are only counted" : ""));
}

/// A server without these is deaf. The link is dialled anew now and then, so that it heals when
/// Redis is set right.
void RedisBroker::on_always_refused(const std::string& why) {
  if (!refused_.empty()) return;
  refused_ = why;
  refused_at_ = clock_.now();
  note_fault();
  if (ready_) return fail_start(refused_);
  log(LogLevel::error, refused_);
}

void RedisBroker::on_publish_refused(const std::string& why) {
  if (publish_refusal_logged_ == why) return;
  publish_refusal_logged_ = why;
  log(LogLevel::error, "Redis refuses a message: " + why);
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

/// Whether a start goes on though the link could not be made.
bool RedisBroker::waits_for(const Link& link) const {
  return link.may_come_later() && clock_.now() < fails_from_;
}

void RedisBroker::announce_if_ready() {
  const bool all = publish_link_->link().ready() && subscribe_link_->ready();
  if (all && probe_taken_ && refused_.empty()) announce(std::nullopt);
}

void RedisBroker::announce(const std::optional<std::string>& failure) {
  if (!ready_) return;
  patience_->cancel();
  std::exchange(ready_, nullptr)(failure);
}

void RedisBroker::fail_start(const std::string& why) {
  publish_link_->stop();
  subscribe_link_->stop();
  publish_fault_.why = subscribe_fault_.why = why;
  note_fault();
  announce(why);
}

void RedisBroker::on_ready_timeout() {
  const auto& publish_link = publish_link_->link();
  const auto& late = publish_link.ready() ? subscribe_link_->link() : publish_link;
  fail_start("Redis client did not become ready within " +
             in_milliseconds(start_timeout_of(options_)) +
             " (status: " + std::string(late.status()) + ")");
}

void RedisBroker::finish_stop() {
  if (!stopped_) return;
  patience_->cancel();
  publish_link_->stop();
  subscribe_link_->stop();
  later([this, stopped = std::exchange(stopped_, nullptr)] {
    announce("stopped");
    let_go();
    stopped();
  });
}

/// Nothing that is owed waits for the loop, but in owed_.
void RedisBroker::abandon() {
  if (publish_link_) publish_link_->abandon();
  if (subscribe_link_) subscribe_link_->abandon();
  owed_.run_all();
  if (publish_link_) announce("stopped");
  let_go();
  if (stopped_) std::exchange(stopped_, nullptr)();
}

/// What holds on to the loop, which this may outlive.
void RedisBroker::let_go() {
  publish_link_.reset();
  subscribe_link_.reset();
  probe_alarm_.reset();
  patience_.reset();
}

void RedisBroker::note_fault() {
  std::string all;
  add_sentence(all, deaf_);
  add_sentence(all, publish_fault_.why);
  add_sentence(all, subscribe_fault_.why);
  add_sentence(all, refused_);
  add_sentence(all, probe_refused_);
  const std::lock_guard lock(fault_mutex_);
  fault_ = std::move(all);
}

void RedisBroker::later(std::function<void()> call) {
  owed_.add(host_->loop(), std::move(call));
}

}  // namespace redis

std::shared_ptr<Broker> redis_broker(RedisOptions options) {
  return std::make_shared<redis::RedisBroker>(validated(std::move(options)));
}

}  // namespace wscast
