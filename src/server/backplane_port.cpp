#include "server/backplane_port.h"

#include <utility>

#include "wscast/options.h"

namespace wscast::server {
namespace {

using protocol::BackplaneStatus;

constexpr std::size_t kMaxDepth = 256;  // protocol.md R11, M15.

}  // namespace

void BackplanePort::start(net::Shard& shard, Broker::Ready ready) {
  shard_ = &shard;
  broker_.start(*this, std::move(ready));
}

void BackplanePort::stop(std::function<void()> done) {
  stopped_ = true;
  broker_.stop(std::move(done));
}

void BackplanePort::abandon() {
  stopped_ = true;
  if (shard_ != nullptr) broker_.abandon();
}

void BackplanePort::publish(const Publication& publication,
                            std::function<void(std::shared_ptr<Tally>)> tell) {
  const auto& tally = publication.tally;
  if (stopped_) {
    if (tally && tally->report(Backplane::down)) tell(tally);
    return;
  }
  Broker::Done done;
  if (tally) {
    done = [tally, tell = std::move(tell)](Backplane backplane) {
      if (tally->report(backplane)) tell(tally);
    };
  }
  broker_.publish(publication.channel, publication.envelope, std::move(done));
}

void BackplanePort::hear(const std::vector<std::string>& channels, Broker::Subscribed done) {
  if (!stopped_) broker_.subscribe(channels, std::move(done));
}

void BackplanePort::change(const Occupancy& occupancy) {
  if (stopped_) return;
  if (!occupancy.begun.empty()) broker_.subscribe(occupancy.begun, {});
  if (!occupancy.ended.empty()) broker_.unsubscribe(occupancy.ended);
}

void BackplanePort::on_envelope(std::string_view envelope) {
  const auto parsed = protocol::parse_backplane_message(envelope, server_id_, kMaxDepth);
  if (parsed.status == BackplaneStatus::own) return;  // protocol.md R2.
  if (parsed.status != BackplaneStatus::ok) return refuse(parsed.status, envelope);
  shard_->counters().add(Counter::broker_messages);
  receive_(parsed.message);
}

/// Logged once a cause: whoever sends one such message sends many.
void BackplanePort::refuse(BackplaneStatus status, std::string_view envelope) {
  const bool malformed = status == BackplaneStatus::malformed;
  shard_->counters().add(malformed ? Counter::broker_malformed : Counter::broker_unroutable);
  if (std::exchange(malformed ? told_malformed_ : told_unroutable_, true)) return;
  log_(LogLevel::warning, std::string("dropped a message from the broker that ") +
                              (malformed ? "is none of ours" : "has no target that we know") +
                              "; more of the kind are only counted: " + printable(envelope));
}

}  // namespace wscast::server
