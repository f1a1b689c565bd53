#include "bench/echo_load.h"

#include <algorithm>

#include "bench/bench_failure.h"
#include "bench/pacer.h"

namespace wscast::program {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTurn{100};
constexpr milliseconds kFirstReply{5'000};

}  // namespace

EchoLoad::EchoLoad(const BenchPlan& plan, Recorder& recorder, RunControl& control)
    : arguments_(plan.arguments),
      recorder_(recorder),
      control_(control),
      clients_(
          plan.arguments, [this](std::size_t client) { return room_of(client); }, *this),
      text_(plan.arguments.size),
      lanes_(plan.arguments.clients) {}

/// None where an event of the server's replies.
std::string EchoLoad::room_of(std::size_t client) const {
  const bool by_room = arguments_.protocol == "nats" ||
                       (arguments_.protocol == "wscast" && arguments_.publish_event == "publish");
  return by_room ? arguments_.room + "-" + std::to_string(client) : "";
}

void EchoLoad::prepare() {
  clients_.connect(control_);
  for (std::size_t i = 0; i < lanes_.size(); ++i) make_lane(i);
  await_first_reply();
}

void EchoLoad::make_lane(std::size_t client) {
  const std::string_view text = text_.with(0);
  Lane& lane = lanes_[client];
  lane.message = clients_.dialect().echo(room_of(client), arguments_.publish_event, text);
  lane.text = lane.message.find(text);
}

void EchoLoad::await_first_reply() {
  send(0, Clock::now());
  const auto end = Clock::now() + kFirstReply;
  while (under_way_ > 0) {
    clients_.turn(kTurn);
    control_.done(0, Clock::now());
    if (Clock::now() < end) continue;
    throw BenchFailure(kFailed, "the server does not send back what \"" + arguments_.publish_event +
                                    "\" sends: --publish-event names an event that it does");
  }
}

void EchoLoad::run_until(Clock::time_point end) {
  clients_.resume();
  if (arguments_.rate > 0) return run_at_rate(end);
  keeps_sending_ = true;
  for (std::size_t i = 0; i < lanes_.size(); ++i) {
    while (lanes_[i].under_way.size() < arguments_.in_flight) send(i, Clock::now());
  }
  while (control_.goes_on(Clock::now(), end)) clients_.turn(kTurn);
  keeps_sending_ = false;
  await_all();
}

void EchoLoad::run_at_rate(Clock::time_point end) {
  Pacer pacer(arguments_.rate, Clock::now());
  auto now = Clock::now();
  while (control_.goes_on(now, end)) {
    for (; pacer.due() <= now; pacer.advance()) send(turn_of_++ % lanes_.size(), pacer.due());
    clients_.turn(std::min<std::chrono::nanoseconds>(pacer.due() - now, kTurn));
    now = Clock::now();
  }
  for (; pacer.due() < end && !control_.interrupted(); pacer.advance()) {
    send(turn_of_++ % lanes_.size(), pacer.due());
  }
  await_all();
}

/// The watchdog ends it when nothing comes any more.
void EchoLoad::await_all() {
  while (under_way_ > 0 && !control_.interrupted()) clients_.turn(kTurn);
}

void EchoLoad::send(std::size_t client, Clock::time_point since) {
  Lane& lane = lanes_[client];
  recorder_.sent(since, Clock::now());
  NumberedText::write(&lane.message[lane.text], lane.received + lane.under_way.size() + 1);
  lane.under_way.push_back(since);
  ++under_way_;
  clients_.send(client, lane.message);
}

void EchoLoad::on_message(std::size_t client, std::string_view message) {
  Lane& lane = lanes_[client];
  if (!delivery_.learned() && !delivery_.learn(message, text_.with(1))) {
    return on_other(client, message);
  }
  const auto number = delivery_.number_in(message);
  if (!number) return on_other(client, message);
  constexpr std::uint64_t kNumbers = std::uint64_t{1} << 32;
  if (lane.under_way.empty() || *number != (lane.received + 1) % kNumbers) {
    throw BenchFailure(
        kFailed, "client " + std::to_string(client) + " received a message twice, or out of order");
  }
  ++lane.received;
  const auto now = Clock::now();
  recorder_.received(lane.under_way.front(), now);
  lane.under_way.pop_front();
  --under_way_;
  if (keeps_sending_) send(client, now);
}

void EchoLoad::on_other(std::size_t client, std::string_view message) {
  const std::string reply = clients_.dialect().reply_to_ping(message);
  if (!reply.empty()) return clients_.send(client, reply);
  refuse_error(message);
  if (!delivery_.learned() && arguments_.protocol != "raw") return;
  throw BenchFailure(kFailed, "client " + std::to_string(client) +
                                  " received what it did not send: " + shortened(message));
}

}  // namespace wscast::program
