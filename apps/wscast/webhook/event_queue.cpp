#include "webhook/event_queue.h"

#include <utility>

namespace wscast::program {

std::size_t EventQueue::push(std::string json, Time now) {
  const std::size_t size = json.size();
  events_.push_back({.json = std::move(json), .queued_at = now});
  bytes_ += size;
  return drop_excess();
}

std::size_t EventQueue::drop_older_than(Time oldest_kept) {
  std::size_t dropped = 0;
  for (; !events_.empty() && oldest().queued_at < oldest_kept; ++dropped) pop();
  return dropped;
}

std::vector<QueuedEvent> EventQueue::take(std::size_t max_events, std::size_t max_bytes) {
  std::vector<QueuedEvent> taken;
  std::size_t bytes = 0;
  while (!events_.empty() && taken.size() < max_events) {
    bytes += oldest().json.size();
    if (!taken.empty() && bytes > max_bytes) break;
    taken.push_back(pop());
  }
  return taken;
}

std::size_t EventQueue::set_bounds(std::size_t max_events, std::size_t max_bytes) {
  max_events_ = max_events;
  max_bytes_ = max_bytes;
  return drop_excess();
}

bool EventQueue::over_bounds() const {
  return events_.size() > max_events_ || bytes_ + events_.size() * kOverhead > max_bytes_;
}

std::size_t EventQueue::drop_excess() {
  std::size_t dropped = 0;
  for (; over_bounds(); ++dropped) pop();
  return dropped;
}

QueuedEvent EventQueue::pop() {
  QueuedEvent event = std::move(events_.front());
  events_.pop_front();
  bytes_ -= event.json.size();
  return event;
}

}  // namespace wscast::program
