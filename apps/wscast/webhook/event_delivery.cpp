#include "webhook/event_delivery.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wscast::program {
namespace {

/// In nanoseconds: 5 ms to 30 s.
constexpr auto kRequestBounds = std::to_array<std::uint64_t>(
    {5'000'000, 10'000'000, 25'000'000, 50'000'000, 100'000'000, 250'000'000, 500'000'000,
     1'000'000'000, 2'500'000'000, 5'000'000'000, 10'000'000'000, 30'000'000'000});

std::string body_of(const std::vector<QueuedEvent>& events, std::uint64_t lost) {
  std::string body = R"({"events":[)";
  for (const auto& event : events) {
    if (body.back() != '[') body += ',';
    body += event.json;
  }
  body += ']';
  if (lost > 0) body += R"(,"lost":)" + std::to_string(lost);
  return body + '}';
}

}  // namespace

EventDelivery::EventDelivery(const WebhookOptions& options, std::function<std::string()> new_id,
                             std::function<double()> random)
    : options_(options),
      new_id_(std::move(new_id)),
      random_(std::move(random)),
      queue_(options.max_queue_events, options.max_queue_bytes),
      backoff_(options.first_retry, options.longest_retry),
      requests_ns_(kRequestBounds) {}

void EventDelivery::push(std::string json, Time now) {
  if (off_) return lose(counts_.lost_gone, 1);
  lose(counts_.lost_full, queue_.push(std::move(json), now));
}

const EventBatch* EventDelivery::start(Time now) {
  if (under_way_ || off_) return nullptr;
  drop_old(now);
  const auto due_at = due();
  if (!due_at || *due_at > now) return nullptr;
  if (!batch_) make_batch();
  under_way_ = true;
  started_at_ = now;
  return &*batch_;
}

std::optional<EventDelivery::Time> EventDelivery::due() const {
  if (under_way_ || off_) return std::nullopt;
  if (batch_) return retry_at_;
  if (queue_.empty()) return std::nullopt;
  const Time queued_at = queue_.oldest().queued_at;
  return draining_ || is_full() ? queued_at : queued_at + options_.max_delay;
}

bool EventDelivery::is_full() const {
  return queue_.size() >= options_.max_batch_events || queue_.bytes() >= options_.max_batch_bytes;
}

void EventDelivery::finish(Result result, std::optional<std::chrono::seconds> retry_after,
                           Time now) {
  under_way_ = false;
  if (result != Result::abandoned) {
    const std::chrono::nanoseconds took = now - started_at_;
    requests_ns_.add(static_cast<std::uint64_t>(took.count()));
  }
  switch (result) {
    case Result::accepted:
      counts_.delivered += batch_->events;
      batch_.reset();
      backoff_.reset();
      break;
    case Result::failed:
      ++counts_.failures;
      retry_later(retry_after, now);
      break;
    case Result::gone:
      ++counts_.failures;
      switch_off();
      break;
    case Result::abandoned:
      retry_at_ = now;
      break;
  }
}

void EventDelivery::drain() {
  draining_ = true;
  retry_at_ = Time::min();
  backoff_.reset();
}

void EventDelivery::set_options(const WebhookOptions& options) {
  options_ = options;
  off_ = false;
  retry_at_ = Time::min();
  backoff_ = Backoff(options.first_retry, options.longest_retry);
  lose(counts_.lost_full, queue_.set_bounds(options.max_queue_events, options.max_queue_bytes));
}

/// An event is lost at max_age, a batch when its newest event is.
void EventDelivery::drop_old(Time now) {
  const Time oldest_kept = now - options_.max_age;
  if (batch_ && batch_->newest < oldest_kept) {
    untold_ += batch_->lost;
    lose(counts_.lost_old, std::exchange(batch_, std::nullopt)->events);
  }
  lose(counts_.lost_old, queue_.drop_older_than(oldest_kept));
}

void EventDelivery::make_batch() {
  const auto events = queue_.take(options_.max_batch_events, options_.max_batch_bytes);
  batch_ = EventBatch{.id = new_id_(), .events = events.size()};
  batch_->lost = std::exchange(untold_, 0);
  batch_->newest = events.back().queued_at;
  batch_->body = body_of(events, batch_->lost);
}

void EventDelivery::lose(std::uint64_t& count, std::size_t events) {
  count += events;
  untold_ += events;
}

void EventDelivery::retry_later(std::optional<std::chrono::seconds> retry_after, Time now) {
  std::chrono::milliseconds wait = backoff_.next(random_());
  if (retry_after) {
    // A receiver may name any number: bounded before it becomes milliseconds.
    const auto asked = std::min<std::chrono::seconds>(*retry_after, std::chrono::hours(1));
    wait = std::clamp<std::chrono::milliseconds>(asked, wait, options_.longest_retry);
  }
  retry_at_ = now + wait;
}

void EventDelivery::switch_off() {
  off_ = true;
  untold_ += batch_->lost;
  lose(counts_.lost_gone, pending());
  batch_.reset();
  queue_.take(queue_.size(), queue_.bytes());
}

}  // namespace wscast::program
