#include "emitter/publishing_thread.h"

#include <algorithm>
#include <array>
#include <exception>
#include <limits>
#include <stdexcept>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include "base/given_up.h"
#include "base/log.h"
#include "base/thread.h"
#include "broker/redis/discovery/redis_url.h"
#include "broker/redis/history/scripts.h"
#include "broker/redis/pubsub/publish_connection.h"
#include "broker/redis/startup.h"

namespace wscast::emitter {
namespace {

namespace asio = boost::asio;

/// The connection may hold all that may be in flight, twice: a message that Redis has not answered
/// in time is not in flight any more, but still on the connection. Each may carry the script that
/// writes history, which Redis may not have yet.
RedisOptions connection_options(const EmitterOptions& emitter) {
  constexpr std::size_t kMost = std::numeric_limits<std::size_t>::max() / 1024;
  RedisOptions options = *emitter.redis;
  const std::size_t items = std::min(emitter.max_messages_in_flight, kMost / 64) *
                            (redis::Publisher::kItemBytes + redis::append_script().text.size());
  options.max_unsent_bytes = 2 * (std::min(emitter.max_bytes_in_flight, kMost) + items);
  return options;
}

redis::RedisUrl parsed(const std::string& url) {
  std::string fault;
  auto read = redis::parse_redis_url(url, fault);
  if (!read) throw std::invalid_argument(fault);
  return *std::move(read);
}

std::error_code error_of(Backplane outcome, const std::string& refusal) {
  switch (outcome) {
    case Backplane::ok:
      return {};
    case Backplane::down:
      return refusal.empty() ? Errc::broker_down : Errc::broker_refused;
    case Backplane::none:
    case Backplane::unknown:
      break;
  }
  return Errc::broker_silent;
}

/// Without memory for the words the error says enough.
void explain(EmitResult& result, const std::string& why) noexcept try {
  result.reason = why;
} catch (const std::exception&) {  // It has none.
}

EmitResult result_of(const redis::Published& published) noexcept {
  EmitResult result{.error = error_of(published.outcome, published.refusal),
                    .receivers_at_least = static_cast<std::size_t>(published.receivers)};
  explain(result, published.refusal);
  return result;
}

EmitResult result_of(const redis::AppendOutcome& outcome) noexcept {
  const auto& [appended, refusal] = outcome;
  EmitResult result{.error = error_of(appended.backplane, refusal), .repeated = appended.repeated};
  explain(result, refusal);
  try {
    if (!result.error) result.position = appended.position;
  } catch (const std::exception&) {
    result.error = Errc::broker_silent;  // There is no success without a position.
  }
  return result;
}

std::size_t bytes_of(const std::variant<Publication, HistoryAppend>& what) {
  if (const auto* append = std::get_if<HistoryAppend>(&what)) {
    return append->room.size() + append->envelope.size() + append->key.size();
  }
  const auto& publication = std::get<Publication>(what);
  return publication.channel.size() + publication.envelope.size();
}

}  // namespace

/// What needs Asio. The publisher and the history are used on the loop's thread only, and what they
/// have of the loop is destroyed before it ends.
class PublishingThread::Loop {
 public:
  explicit Loop(const EmitterOptions& options)
      : context(BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO),
        work(asio::make_work_guard(context)),
        timer(context),
        redis(connection_options(options)),
        url(parsed(redis.url)) {}

  /// Destroys what uses the loop.
  void release() {
    if (history) history->release_loop();
    publisher.reset();
  }

  asio::io_context context;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  asio::steady_timer timer;  // Of the start, then of the end.
  const RedisOptions redis;
  const redis::RedisUrl url;
  std::optional<redis::BrokerHistory> history;
  std::optional<redis::PublishConnection> publisher;
  bool ending = false;
};

PublishingThread::PublishingThread(EmitterOptions options)
    : options_(std::move(options)),
      log_(options_.identifier),
      loop_(std::make_unique<Loop>(options_)) {
  // OpenSSL, which cleans up when the program exits, begins before a static Emitter does: so it
  // ends after it.
  std::array<std::uint8_t, 1> unused{};
  system_random().fill(unused);
}

PublishingThread::~PublishingThread() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void PublishingThread::start() {
  std::unique_lock lock(mutex_);
  if (state_ != State::fresh) throw std::system_error(Errc::stopped);
  state_ = State::starting;
  try {
    thread_ = start_thread("the emitter's thread", [this] { run(); });
  } catch (...) {
    state_ = State::stopped;
    throw;
  }
  changed_.wait(lock, [this] { return state_ != State::starting; });
  if (state_ == State::running) return;
  if (failure_) throw std::runtime_error(*failure_);
  throw std::system_error(Errc::stopped);
}

std::error_code PublishingThread::publish(Message message) {
  const std::size_t bytes = bytes_of(message.what);
  const auto accepted = std::make_shared<Accepted>(Accepted{std::move(message), bytes});
  const std::lock_guard lock(mutex_);
  if (state_ != State::running) return Errc::stopped;
  // A single one fits, however long the name of its channel is.
  const bool fits =
      messages_in_flight_ == 0 || bytes_in_flight_ + bytes <= options_.max_bytes_in_flight;
  if (messages_in_flight_ >= options_.max_messages_in_flight || !fits) return Errc::queue_full;
  waiting_.push_back(accepted);
  ++messages_in_flight_;
  bytes_in_flight_ += bytes;
  ++accepted_;
  if (waiting_.size() == 1) post(&PublishingThread::publish_waiting);
  return {};
}

bool PublishingThread::flush(std::chrono::milliseconds longest) {
  std::unique_lock lock(mutex_);
  const auto all_reported = [this, until = accepted_] { return reported_ >= until; };
  if (std::this_thread::get_id() == thread_.get_id()) return all_reported();
  return changed_.wait_for(lock, longest, all_reported);
}

void PublishingThread::stop() {
  const std::lock_guard lock(mutex_);
  const State before = std::exchange(state_, State::stopped);
  if (before == State::starting || before == State::running) {
    post(&PublishingThread::begin_end);
  }
  changed_.notify_all();
}

/// What throws on the loop, for want of memory, does not end it: what it left undone is done next.
void PublishingThread::run() {
  try {
    open();
  } catch (const std::exception& error) {
    loop_->release();
    return give_up(error.what());
  }
  while (loop_->publisher) {
    try {
      catch_up();
      loop_->context.run();
    } catch (const std::exception& error) {
      log_given_up("a step of the emitter", error);
    }
    loop_->context.restart();
  }
}

void PublishingThread::open() {
  redis::PublishConnection::Events events;
  events.ready = [this] { on_ready(); };
  events.lost = [this](bool was_ready, const std::string& why) {
    loop_->history->on_lost();
    on_lost(was_ready, why);
  };
  events.settled = [this] { end_if_settled(); };
  events.refused = [this](const std::string& why) {
    if (std::exchange(refusal_, why) == why) return;
    log_(LogLevel::warning, "redis_publish_refused", "Redis refused a message: " + why);
  };
  loop_->publisher.emplace(loop_->context, loop_->redis, loop_->url, system_random(),
                           system_clock(), std::move(events));
  loop_->history.emplace(loop_->redis, loop_->url, system_clock(), history_host());
  loop_->history->start(loop_->context, *loop_->publisher);
  loop_->publisher->start();
  waits_until_ = system_clock().now() + redis::startup_wait_of(loop_->redis);
  loop_->timer.expires_after(redis::start_timeout_of(loop_->redis));
  loop_->timer.async_wait([this](const auto& cancelled) {
    if (!cancelled) on_ready_timeout();
  });
}

/// What post() had no memory for.
void PublishingThread::catch_up() {
  publish_waiting();
  if (is(State::stopped)) begin_end();
}

redis::BrokerHistory::Host PublishingThread::history_host() {
  return {
      .later = [this](std::function<void()> call) { asio::post(loop_->context, std::move(call)); },
      .count = [](Backplane) {},
      .refused =
          [this](const std::string& why) {
            if (std::exchange(history_refusal_, why) == why) return;
            log_(LogLevel::warning, "redis_history_refused",
                 "Redis refused the history of a room: " + why);
          },
      .settled = [this] { end_if_settled(); },
  };
}

void PublishingThread::on_ready() {
  if (!loop_->ending) loop_->timer.cancel();
  loss_.clear();
  try {
    log_(LogLevel::info, "redis_connected",
         "Redis at " + loop_->publisher->connection().peer() + " is ready");
  } catch (const std::exception&) {  // There is no line, for want of memory.
  }
  const std::lock_guard lock(mutex_);
  if (state_ != State::starting) return;
  state_ = State::running;
  changed_.notify_all();
}

void PublishingThread::on_lost(bool was_ready, const std::string& why) {
  using redis::StartVerdict;
  const auto verdict = is(State::starting)
                           ? redis::start_verdict(loop_->publisher->connection(), was_ready,
                                                  system_clock().now(), waits_until_)
                           : StartVerdict::go_on;
  if (verdict == StartVerdict::wait) {
    if (!std::exchange(loss_, why).empty()) return;
    log_(LogLevel::warning, "redis_waiting",
         "Redis is not there yet, waiting for it: " + printable(why));
  } else if (verdict == StartVerdict::fail) {
    give_up(why);
  } else if (was_ready || why != loss_) {
    loss_ = why;
    log_(LogLevel::warning, "redis_lost", "Redis is lost: " + printable(why));
  }
}

bool PublishingThread::is(State state) {
  const std::lock_guard lock(mutex_);
  return state_ == state;
}

void PublishingThread::on_ready_timeout() {
  give_up(redis::ready_timeout_text(loop_->redis, loop_->publisher->connection()));
}

void PublishingThread::give_up(std::string why) {
  {
    const std::lock_guard lock(mutex_);
    if (state_ != State::starting) return;
    state_ = State::stopped;
    failure_ = std::move(why);
    changed_.notify_all();
  }
  post(&PublishingThread::end);
}

void PublishingThread::publish_waiting() {
  std::vector<std::shared_ptr<Accepted>> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(waiting_);
  }
  for (const auto& accepted : messages) {
    try {
      publish_now(accepted);
    } catch (const std::exception& error) {  // Then nothing was sent.
      EmitResult down{.error = Errc::broker_down};
      explain(down, "out of memory");
      report(*accepted, std::move(down));
    }
  }
}

void PublishingThread::publish_now(const std::shared_ptr<Accepted>& accepted) {
  auto done = [this, accepted](const auto& outcome) { report(*accepted, result_of(outcome)); };
  auto what = std::move(accepted->message.what);
  if (auto* append = std::get_if<HistoryAppend>(&what)) {
    return loop_->history->history().append_and_explain(std::move(*append), std::move(done));
  }
  loop_->history->flush();
  const auto& publication = std::get<Publication>(what);
  loop_->publisher->publish(publication.channel, publication.envelope, std::move(done));
}

void PublishingThread::report(const Accepted& accepted, EmitResult emitted) noexcept {
  try {
    if (emitted.error == Errc::broker_down && emitted.reason.empty()) {
      emitted.reason = printable(loss_);
    }
  } catch (const std::exception&) {  // The error says enough.
  }
  call_back(accepted.message.on_result, emitted);
  const std::lock_guard lock(mutex_);
  --messages_in_flight_;
  bytes_in_flight_ -= accepted.bytes;
  ++reported_;
  changed_.notify_all();
}

void PublishingThread::call_back(const OnEmitted& on_result, const EmitResult& emitted) noexcept
    try {
  try {
    if (on_result) on_result(emitted);
  } catch (const std::exception& error) {
    log_(LogLevel::error, "result_callback_failed",
         "a result's callback threw: " + printable(error.what()));
  } catch (...) {
    log_(LogLevel::error, "result_callback_failed", "a result's callback threw");
  }
} catch (const std::exception&) {  // There is no line, for want of memory.
}

bool PublishingThread::settled() const {
  return loop_->publisher->settled() && loop_->history->settled();
}

/// A message may wait for a connection to a node of a Cluster, longer than for an answer.
void PublishingThread::begin_end() {
  loop_->ending = true;
  if (!loop_->publisher) return;
  loop_->timer.expires_after(loop_->redis.answer_timeout);
  loop_->timer.async_wait([this](const auto& cancelled) {
    if (!cancelled) end();
  });
  end_if_settled();
}

void PublishingThread::end_if_settled() {
  if (loop_->ending && settled()) post(&PublishingThread::end);
}

void PublishingThread::end() {
  if (!loop_->publisher) return;
  loop_->timer.cancel();
  loop_->history->stop(false);
  loop_->publisher->stop();
  post(&PublishingThread::release_loop);
}

void PublishingThread::release_loop() {
  loop_->release();
  loop_->work.reset();
}

/// Without memory for it the loop stops for a moment, and run() goes on with catch_up().
void PublishingThread::post(void (PublishingThread::*step)()) noexcept try {
  asio::post(loop_->context, [this, step] { (this->*step)(); });
} catch (const std::exception&) {
  loop_->context.stop();
}

}  // namespace wscast::emitter
