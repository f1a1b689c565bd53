#include "bench/connect_load.h"

#include <algorithm>

#include "bench/bench_failure.h"
#include "bench/load_clients.h"
#include "bench/pacer.h"

namespace wscast::program {
namespace {

constexpr std::chrono::milliseconds kTurn{100};

}  // namespace

ConnectLoad::ConnectLoad(const BenchPlan& plan, Recorder& recorder, RunControl& control)
    : arguments_(plan.arguments),
      recorder_(recorder),
      control_(control),
      swarm_(swarm_options(plan.arguments), *this),
      greeter_(plan.arguments, swarm_),
      lanes_(plan.arguments.clients) {}

/// The swarm connects all by itself, once.
void ConnectLoad::prepare() {
  control_.begin("connecting", lanes_.size());
  while (free_.size() < lanes_.size()) {
    turn(kTurn);
    control_.done(free_.size(), Clock::now());
  }
}

void ConnectLoad::run_until(Clock::time_point end) {
  watchdog_ = {};
  Pacer pacer(std::max<std::uint64_t>(arguments_.rate, 1), Clock::now());
  auto now = Clock::now();
  while (control_.goes_on(now, end)) {
    std::chrono::nanoseconds wait = kTurn;
    for (; !free_.empty() && (arguments_.rate == 0 || pacer.due() <= now); pacer.advance()) {
      const auto since = arguments_.rate == 0 ? Clock::now() : pacer.due();
      start(free_.back(), since);
    }
    if (arguments_.rate > 0 && pacer.due() > now) wait = std::min(wait, pacer.due() - now);
    turn(wait);
    now = Clock::now();
  }
  while (free_.size() < lanes_.size() && !control_.interrupted()) turn(kTurn);
}

void ConnectLoad::turn(std::chrono::nanoseconds timeout) {
  swarm_.run_once(timeout);
  watchdog_.look(connected_ + free_.size(), Clock::now());
}

void ConnectLoad::start(std::size_t index, Clock::time_point since) {
  free_.pop_back();
  lanes_[index] = {.state = State::connecting, .since = since};
  // That no lane was free is not the generator's fault.
  recorder_.sent(std::max(since, free_since_), Clock::now());
  swarm_.reconnect(index);
}

void ConnectLoad::reach(std::size_t index) {
  Lane& lane = lanes_[index];
  if (lane.state != State::connecting) return;
  ++connected_;
  recorder_.received(lane.since, Clock::now());
  lane.state = State::leaving;
  swarm_.close(index);
}

void ConnectLoad::on_open(std::size_t index) {
  if (greeter_.on_open(index)) reach(index);
}

void ConnectLoad::on_message(std::size_t index, std::string_view message) {
  if (greeter_.on_message(index, message)) reach(index);
}

void ConnectLoad::on_closed(std::size_t index, std::string_view cause) {
  Lane& lane = lanes_[index];
  if (lane.state == State::connecting) {
    throw BenchFailure(kFailed, "a client was not connected after " + std::to_string(connected_) +
                                    " others: " + end_text(swarm_.connection(index), cause));
  }
  lane.state = State::away;
  if (free_.empty()) free_since_ = Clock::now();
  free_.push_back(index);
}

}  // namespace wscast::program
