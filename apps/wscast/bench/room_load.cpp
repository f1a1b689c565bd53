#include "bench/room_load.h"

#include <algorithm>
#include <utility>

#include "bench/bench_failure.h"
#include "bench/pacer.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTurn{100};
constexpr milliseconds kProbePause{200};
constexpr milliseconds kProbeTime{5'000};
constexpr std::uint64_t kProbe = 0;  ///< The number of each probe.

/// The client's id.
std::string id_in(std::string_view connected) {
  constexpr std::string_view kBefore = R"("id":")";
  const std::size_t at = connected.find(kBefore);
  if (at == std::string_view::npos) return {};
  connected.remove_prefix(at + kBefore.size());
  return std::string(connected.substr(0, connected.find('"')));
}

}  // namespace

RoomLoad::RoomLoad(const BenchPlan& plan, Recorder& recorder, RunControl& control)
    : plan_(plan),
      arguments_(plan.arguments),
      recorder_(recorder),
      control_(control),
      clients_(
          plan.arguments,
          [this](std::size_t) {
            const bool to_one = by_redis() && arguments_.clients == 1;
            return to_one ? std::string() : arguments_.room;
          },
          *this),
      text_(plan.arguments.size),
      streams_(by_redis() ? 1 : plan.arguments.publishers),
      last_(plan.arguments.clients * streams_) {}

void RoomLoad::prepare() {
  clients_.connect(control_);
  make_publisher();
  learn();
}

void RoomLoad::make_publisher() {
  if (!by_redis()) {
    publisher_ = std::make_unique<ClientPublisher>(clients_, arguments_);
    return;
  }
  const std::string id = clients_.count() == 1 ? id_in(clients_.first_greeting()) : "";
  publisher_ = std::make_unique<RedisPublisher>(arguments_.redis, arguments_.room, id);
}

std::size_t RoomLoad::receivers() const {
  return clients_.count() - (sender_receives_ ? 0 : 1);
}

/// A join need not be replied to: the room is complete when a probe has reached everybody. A second
/// one then shows whether the sender has received the first.
void RoomLoad::learn() {
  control_.begin("joining", clients_.count());
  sender_receives_ = by_redis();
  const auto end = Clock::now() + kProbeTime;
  probe_until(end);
  probe_until(end);
  if (sender_hears_) sender_receives_ = true;
  heard_.clear();
}

void RoomLoad::probe_until(Clock::time_point end) {
  heard_.assign(clients_.count(), false);
  hearing_ = 0;
  while (hearing_ < receivers()) {
    publisher_->publish(kProbe, text_.with(kProbe));
    publisher_->flush();
    const auto next = Clock::now() + kProbePause;
    while (hearing_ < receivers() && Clock::now() < next) {
      clients_.turn(milliseconds(10));
      control_.done(hearing_, Clock::now());
    }
    if (Clock::now() < end || hearing_ == receivers()) continue;
    if (hearing_ > 0) {
      throw BenchFailure(kFailed, "only " + std::to_string(hearing_) + " of " +
                                      std::to_string(receivers()) +
                                      " clients receive what is sent to room " + arguments_.room);
    }
    if (by_redis()) {
      throw BenchFailure(
          kFailed, "nobody receives what is published on Redis: does the server use this one?");
    }
    throw BenchFailure(kFailed, "nobody receives what a client sends by \"" +
                                    arguments_.publish_event + "\" to room " + arguments_.room +
                                    ": --publish-event names the event that the server forwards");
  }
}

void RoomLoad::hear_probe(std::size_t client) {
  if (heard_.empty()) return;  // A late one.
  if (client == 0 && !sender_receives_) {
    sender_hears_ = true;
  } else if (!heard_[client]) {
    heard_[client] = true;
    ++hearing_;
  }
}

void RoomLoad::run_until(Clock::time_point end) {
  clients_.resume();
  arguments_.rate > 0 ? run_at_rate(end) : run_closed(end);
}

/// By Redis, messages go in batches, the next when all of this one have arrived; else one follows
/// for each that has.
void RoomLoad::run_closed(Clock::time_point end) {
  while (control_.goes_on(Clock::now(), end)) {
    const auto now = Clock::now();
    if (!by_redis() || under_way_.empty()) {
      while (under_way_.size() < arguments_.in_flight) publish(now);
      publisher_->flush();
    }
    const std::size_t before = under_way_.size();
    while (under_way_.size() == before && !control_.interrupted()) clients_.turn(kTurn);
  }
  while (!under_way_.empty() && !control_.interrupted()) clients_.turn(kTurn);
}

void RoomLoad::run_at_rate(Clock::time_point end) {
  Pacer pacer(arguments_.rate, Clock::now());
  auto now = Clock::now();
  while (control_.goes_on(now, end)) {
    for (; pacer.due() <= now; pacer.advance()) publish(pacer.due());
    publisher_->flush();
    clients_.turn(std::min<std::chrono::nanoseconds>(pacer.due() - now, kTurn));
    give_up_older_than(now - Watchdog::kPatience);
    now = Clock::now();
  }
  for (; pacer.due() < end && !control_.interrupted(); pacer.advance()) publish(pacer.due());
  publisher_->flush();
  await_all();
}

void RoomLoad::publish(Clock::time_point since) {
  const std::uint64_t number = first_ + under_way_.size();
  under_way_.push_back({.since = since, .missing = receivers()});
  recorder_.sent(since, Clock::now());
  publisher_->publish(number, text_.with(number));
}

/// What does not come any more is lost.
void RoomLoad::await_all() {
  constexpr milliseconds kQuiet{3'000};
  auto last_change = Clock::now();
  std::uint64_t received = recorder_.latencies().count();
  while (!under_way_.empty() && !control_.interrupted()) {
    clients_.turn(milliseconds(10));
    const auto now = Clock::now();
    if (std::exchange(received, recorder_.latencies().count()) != received) last_change = now;
    if (now - last_change > kQuiet) break;
  }
  give_up_older_than(Clock::time_point::max());
}

void RoomLoad::give_up_older_than(Clock::time_point time) {
  for (; !under_way_.empty() && under_way_.front().since < time; ++first_) {
    recorder_.lost(under_way_.front().missing);
    under_way_.pop_front();
  }
}

void RoomLoad::forget_arrived() {
  for (; !under_way_.empty() && under_way_.front().missing == 0; ++first_) under_way_.pop_front();
}

void RoomLoad::on_message(std::size_t client, std::string_view message) {
  if (!delivery_.learned() && delivery_.learn(message, text_.with(kProbe))) {
    return hear_probe(client);
  }
  const auto number = delivery_.learned() ? delivery_.number_in(message) : std::nullopt;
  if (!number) return on_other(client, message);
  *number == kProbe ? hear_probe(client) : accept(client, *number);
}

void RoomLoad::accept(std::size_t client, std::uint64_t number) {
  std::uint64_t& last = last_[client * streams_ + number % streams_];
  const bool own = !by_redis() && client == number % streams_;
  if (number <= last || (own && !sender_receives_)) {
    throw BenchFailure(
        kFailed, "client " + std::to_string(client) + " received a message twice, or out of order");
  }
  last = number;
  if (number < first_) return;  // Given up.
  if (number - first_ >= under_way_.size()) {
    throw BenchFailure(kFailed, "a message came that was not sent");
  }
  Message& message = under_way_[number - first_];
  recorder_.received(message.since, Clock::now());
  if (--message.missing == 0) forget_arrived();
}

void RoomLoad::on_other(std::size_t client, std::string_view message) {
  const std::string reply = clients_.dialect().reply_to_ping(message);
  if (!reply.empty()) return clients_.send(client, reply);
  refuse_error(message);
  if (message.starts_with(R"({"event":"dropped")")) {
    if (arguments_.rate > 0) return recorder_.noticed();
    throw BenchFailure(kFailed, "the server dropped messages for a client: " + shortened(message));
  }
  if (message.starts_with(R"({"event":"ack")") || !heard_.empty()) return;
  throw BenchFailure(kFailed, "client " + std::to_string(client) +
                                  " received what it must not: " + shortened(message));
}

}  // namespace wscast::program
