#include "server/backplane_port.h"

#include <utility>

#include "wscast/options.h"

#include "protocol/json_scanner.h"

namespace wscast::server {
namespace {

using protocol::BackplaneStatus;

}  // namespace

void BackplanePort::start(boost::asio::io_context& loop, Counters& counters, Broker::Ready ready) {
  loop_ = &loop;
  counters_ = &counters;
  broker_.start(*this, std::move(ready));
}

void BackplanePort::stop(std::function<void()> done) {
  stopped_ = true;
  broker_.stop(std::move(done));
}

void BackplanePort::abandon() {
  stopped_ = true;
  if (loop_ != nullptr) broker_.abandon();
}

void BackplanePort::publish(const RemotePublish& publish,
                            std::function<void(std::shared_ptr<PublishAggregator>)> complete) {
  const auto& aggregator = publish.aggregator;
  if (stopped_) {
    if (publish.trace) publish.trace->on_broker(Backplane::down);
    if (aggregator && aggregator->report(Backplane::down)) complete(aggregator);
    return;
  }
  if (publish.history) return append(publish, std::move(complete));
  Broker::Done done;
  if (aggregator) {
    done = [aggregator, complete = std::move(complete)](Backplane backplane) {
      if (aggregator->report(backplane)) complete(aggregator);
    };
  }
  if (publish.trace) {
    done = [trace = publish.trace, done = std::move(done)](Backplane backplane) {
      trace->on_broker(backplane);
      if (done) done(backplane);
    };
  }
  broker_.publish(publish.channel, publish.envelope, std::move(done));
}

void BackplanePort::append(const RemotePublish& publish,
                           std::function<void(std::shared_ptr<PublishAggregator>)> complete) {
  auto done = [this, aggregator = publish.aggregator, trace = publish.trace,
               complete = std::move(complete)](const HistoryAppended& appended) {
    count(appended.backplane);
    if (trace) trace->on_broker(appended.backplane);
    if (aggregator && aggregator->report(appended)) complete(aggregator);
  };
  History* history = broker_.history();
  if (history == nullptr) return done({});
  history->append(*publish.history, std::move(done));
}

void BackplanePort::count(Backplane outcome) {
  switch (outcome) {
    case Backplane::ok:
      return counters_->add(Counter::history_publishes_ok);
    case Backplane::unknown:
      return counters_->add(Counter::history_publishes_unknown);
    default:
      return counters_->add(Counter::history_publishes_down);
  }
}

void BackplanePort::publish(std::string channel, std::string envelope, Broker::Done done) {
  if (!stopped_) return broker_.publish(std::move(channel), std::move(envelope), std::move(done));
  if (done) done(Backplane::down);
}

void BackplanePort::store(StoreRequest request, Broker::Stored done) {
  if (stopped_) return done({});
  broker_.store(std::move(request), std::move(done));
}

void BackplanePort::subscribe(const std::vector<std::string>& channels, Broker::Subscribed done) {
  if (!stopped_) broker_.subscribe(channels, std::move(done));
}

void BackplanePort::change_interest(const Interest& interest) {
  if (stopped_) return;
  if (!interest.subscribe.empty()) broker_.subscribe(interest.subscribe, {});
  if (!interest.unsubscribe.empty()) broker_.unsubscribe(interest.unsubscribe);
}

/// May be nested as deep as a message of a client: protocol.md R11, M15.
void BackplanePort::on_envelope(std::string_view envelope) {
  const auto parsed =
      protocol::parse_backplane_message(envelope, server_id_, protocol::kMaxJsonDepth);
  if (parsed.status == BackplaneStatus::own) return;  // protocol.md R2.
  if (parsed.status != BackplaneStatus::ok) return drop(parsed.status, envelope);
  counters_->add(Counter::broker_messages);
  on_message_(parsed.message);
}

void BackplanePort::on_gap(std::chrono::milliseconds away) {
  if (stopped_) return;
  counters_->add(Counter::subscription_gaps);
  log_(LogLevel::warning, "subscription_gap",
       "messages of other servers may be missing: nothing was received for " +
           std::to_string(away.count()) + " ms, until now; clients are told by `dropped`");
  on_gap_();
}

/// The broker has counted what was lost.
void BackplanePort::on_loss(const std::vector<std::string>& channels) {
  if (!stopped_) on_loss_(channels);
}

/// Logged once per cause: a peer that sends one such message sends many.
void BackplanePort::drop(BackplaneStatus status, std::string_view envelope) {
  const bool malformed = status == BackplaneStatus::malformed;
  counters_->add(malformed ? Counter::broker_malformed : Counter::broker_unroutable);
  if (std::exchange(malformed ? logged_malformed_ : logged_unroutable_, true)) return;
  log_(LogLevel::warning, "broker_message_dropped",
       std::string("dropped a message from the broker that ") +
           (malformed ? "is none of ours" : "has no target that we know") +
           "; more of the kind are only counted: " + printable(envelope));
}

}  // namespace wscast::server
