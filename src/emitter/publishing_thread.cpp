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

EmitResult result_of(const redis::Published& published) {
  return {.error = error_of(published.outcome, published.refusal),
          .receivers_at_least = static_cast<std::size_t>(published.receivers),
          .reason = published.refusal};
}

EmitResult result_of(const redis::AppendOutcome& outcome) {
  const auto& [appended, refusal] = outcome;
  EmitResult result{.error = error_of(appended.backplane, refusal),
                    .reason = refusal,
                    .repeated = appended.repeated};
  if (!result.error) result.position = appended.position;
  return result;
}

}  // namespace

std::size_t PublishingThread::Message::bytes() const {
  if (const auto* append = std::get_if<HistoryAppend>(&what)) {
    return append->room.size() + append->envelope.size() + append->key.size();
  }
  const auto& publication = std::get<Publication>(what);
  return publication.channel.size() + publication.envelope.size();
}

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
    : options_(std::move(options)), loop_(std::make_unique<Loop>(options_)) {
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
  const std::size_t bytes = message.bytes();
  const std::lock_guard lock(mutex_);
  if (state_ != State::running) return Errc::stopped;
  // A single one fits, however long the name of its channel is.
  const bool fits =
      messages_in_flight_ == 0 || bytes_in_flight_ + bytes <= options_.max_bytes_in_flight;
  if (messages_in_flight_ >= options_.max_messages_in_flight || !fits) return Errc::queue_full;
  ++messages_in_flight_;
  bytes_in_flight_ += bytes;
  ++accepted_;
  waiting_.push_back(std::move(message));
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

void PublishingThread::run() {
  redis::PublishConnection::Events events;
  events.ready = [this] { on_ready(); };
  events.lost = [this](bool was_ready, const std::string& why) {
    loop_->history->on_lost();
    on_lost(was_ready, why);
  };
  events.settled = [this] { end_if_settled(); };
  events.refused = [this](const std::string& why) {
    if (std::exchange(refusal_, why) == why) return;
    log_line(LogLevel::warning, "redis_publish_refused", "Redis refused a message: " + why);
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
  loop_->context.run();
}

redis::BrokerHistory::Host PublishingThread::history_host() {
  return {
      .later = [this](std::function<void()> call) { asio::post(loop_->context, std::move(call)); },
      .count = [](Backplane) {},
      .refused =
          [this](const std::string& why) {
            if (std::exchange(history_refusal_, why) == why) return;
            log_line(LogLevel::warning, "redis_history_refused",
                     "Redis refused the history of a room: " + why);
          },
      .settled = [this] { end_if_settled(); },
  };
}

void PublishingThread::on_ready() {
  if (!loop_->ending) loop_->timer.cancel();
  loss_.clear();
  log_line(LogLevel::info, "redis_connected",
           "Redis at " + loop_->publisher->connection().peer() + " is ready");
  const std::lock_guard lock(mutex_);
  if (state_ != State::starting) return;
  state_ = State::running;
  changed_.notify_all();
}

void PublishingThread::on_lost(bool was_ready, const std::string& why) {
  using redis::StartVerdict;
  const auto verdict = is_starting()
                           ? redis::start_verdict(loop_->publisher->connection(), was_ready,
                                                  system_clock().now(), waits_until_)
                           : StartVerdict::go_on;
  if (verdict == StartVerdict::wait) {
    if (!std::exchange(loss_, why).empty()) return;
    log_line(LogLevel::warning, "redis_waiting",
             "Redis is not there yet, waiting for it: " + printable(why));
  } else if (verdict == StartVerdict::fail) {
    give_up(why);
  } else if (was_ready || why != loss_) {
    loss_ = why;
    log_line(LogLevel::warning, "redis_lost", "Redis is lost: " + printable(why));
  }
}

bool PublishingThread::is_starting() {
  const std::lock_guard lock(mutex_);
  return state_ == State::starting;
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
  std::vector<Message> messages;
  {
    const std::lock_guard lock(mutex_);
    messages.swap(waiting_);
  }
  for (auto& message : messages) publish_now(std::move(message));
}

void PublishingThread::publish_now(Message message) {
  auto done = [this, bytes = message.bytes(), on_result = std::move(message.on_result)](
                  const auto& outcome) { report(on_result, bytes, result_of(outcome)); };
  if (auto* append = std::get_if<HistoryAppend>(&message.what)) {
    return loop_->history->history().append_and_explain(std::move(*append), std::move(done));
  }
  loop_->history->flush();
  const auto& publication = std::get<Publication>(message.what);
  loop_->publisher->publish(publication.channel, publication.envelope, std::move(done));
}

void PublishingThread::report(const OnEmitted& on_result, std::size_t bytes, EmitResult emitted) {
  if (emitted.error == Errc::broker_down) emitted.reason = printable(loss_);
  try {
    if (on_result) on_result(emitted);
  } catch (const std::exception& error) {
    log_line(LogLevel::error, "result_callback_failed",
             "a result's callback threw: " + printable(error.what()));
  } catch (...) {
    log_line(LogLevel::error, "result_callback_failed", "a result's callback threw");
  }
  const std::lock_guard lock(mutex_);
  --messages_in_flight_;
  bytes_in_flight_ -= bytes;
  ++reported_;
  changed_.notify_all();
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
  asio::post(loop_->context, [this] {
    loop_->history->release_loop();
    loop_->publisher.reset();
    loop_->work.reset();
  });
}

void PublishingThread::post(void (PublishingThread::*step)()) {
  asio::post(loop_->context, [this, step] { (this->*step)(); });
}

void PublishingThread::log_line(LogLevel level, std::string_view event,
                                std::string_view message) const {
  if (!log_enabled(level)) return;
  log(level, event, "[" + printable(options_.identifier) + "] " + std::string(message));
}

}  // namespace wscast::emitter
