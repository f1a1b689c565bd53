#include <algorithm>
#include <future>
#include <latch>
#include <new>
#include <optional>
#include <stdexcept>
#include <thread>

#include "base/given_up.h"
#include "server/node.h"

// How a server drains and stops.
namespace wscast::server {
namespace {

using SteadyClock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto kStopPatience = std::chrono::seconds(8);
constexpr auto kBrokerPatience = std::chrono::milliseconds(1'500);
constexpr auto kDisconnectPatience = std::chrono::seconds(2);
constexpr auto kClosePatience = milliseconds(3'500);  // That of a session, and a sweep.
constexpr auto kPollPause = std::chrono::milliseconds(2);

/// Counts down when it is destroyed.
class CountDown {
 public:
  explicit CountDown(std::latch& latch) : latch_(latch) {}
  ~CountDown() { latch_.count_down(); }
  CountDown(const CountDown&) = delete;
  CountDown& operator=(const CountDown&) = delete;

 private:
  std::latch& latch_;
};

}  // namespace

void Node::drain(const DrainOptions& options) {
  if (options.delay < milliseconds(0) || options.time < milliseconds(0)) {
    throw std::invalid_argument("DrainOptions: delay and time must not be negative.");
  }
  {
    const std::lock_guard lock(mutex_);
    if (state_ == State::running) {
      state_ = State::draining;
      drain_options_ = options;
      draining_ = true;
      external_.refuse_opens();
      changed_.notify_all();
    }
    if (state_ != State::made && state_ != State::starting) return;
  }
  shutdown();  // There are no clients yet.
}

void Node::shutdown() {
  const std::lock_guard lock(mutex_);
  if (state_ == State::made) {
    state_ = State::stopped;
  } else if (state_ == State::starting || state_ == State::running || state_ == State::draining) {
    state_ = State::stopping;
    running_ = false;
    drain_.cancel();
  }
  changed_.notify_all();
}

void Node::run_stopper() {
  std::optional<DrainOptions> drain;
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return state_ == State::draining || state_ == State::stopping; });
    if (state_ == State::draining) drain = drain_options_;
  }
  if (drain) run_drain(*drain);
  stop();
  const std::lock_guard lock(mutex_);
  state_ = State::stopped;
  changed_.notify_all();
}

/// Ends in State::stopping. Closed listening sockets make proxies go to another server at once.
void Node::run_drain(const DrainOptions& options) {
  log_(LogLevel::info, "draining",
       "draining, over " + std::to_string(options.time.count()) + " ms after " +
           std::to_string(options.delay.count()) + " ms");
  try {
    if (drain_.pause(options.delay) && options.time.count() > 0) {
      engine_.stop_listening();
      external_.await_opens();
      drain_.run(options.time, options.time + transport_options().close_timeout);
    }
  } catch (const std::bad_alloc& error) {  // The clients are closed all at once.
    log_given_up("closing the clients evenly", error);
  }
  shutdown();
}

/// Stops accepting first, then closes all clients (protocol.md O8, O19). A server that never became
/// ready has no clients to wait for, and perhaps not all of its shards.
void Node::stop() {
  const auto begin = SteadyClock::now();
  if (!started_) return engine_.stop(milliseconds(0));
  engine_.stop_listening();
  tls_.stop();
  external_.await_opens();
  close_sessions();
  await_sessions(begin);
  stop_broker();
  engine_.stop(
      std::chrono::duration_cast<milliseconds>(begin + kStopPatience - SteadyClock::now()));
  incidents_.report(stats());
  log_(LogLevel::info, "server_stopped", "stopped");
}

void Node::close_sessions() {
  const auto shards = static_cast<std::ptrdiff_t>(engine_.shards().size());
  const auto left = std::make_shared<std::latch>(shards);
  for (const auto& shard : engine_.shards()) {
    shard->post([left, &local = ShardApplication::of(*shard)] {
      const CountDown whatever_happens(*left);
      local.close_all();
    });
  }
  left->wait();
}

/// All sessions have ended: each hook that is due has been queued, and each close that waits for
/// the transformer is counted. engine_.stop() waits for connections; external ones are not ours.
void Node::await_sessions(SteadyTime begin) const {
  const auto sum = [this](auto count) {
    std::size_t all = 0;
    for (std::size_t i = 0; i < engine_.shards().size(); ++i) all += (application(i).*count)();
    return all;
  };
  const auto await_none = [](const auto& left, SteadyTime end) {
    while (left() > 0 && SteadyClock::now() < end) std::this_thread::sleep_for(kPollPause);
  };
  await_none([&] { return sum(&ShardApplication::open_disconnects) + occupancy_.pending(); },
             begin + kDisconnectPatience);
  await_none([&] { return sum(&ShardApplication::open_closes); }, begin + kClosePatience);
}

/// Results of publishes in flight come first. When the shard is too busy for that, they come at the
/// end of its thread.
void Node::stop_broker() {
  const auto stopped = std::make_shared<std::promise<void>>();
  auto future = stopped->get_future();
  engine_.shards()[kBrokerShard]->post([this, stopped] {
    server_calls_.stop();
    history_.stop();
    backplane_.stop([stopped] { stopped->set_value(); });
  });
  future.wait_for(kBrokerPatience);
}

}  // namespace wscast::server
