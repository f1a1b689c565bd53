#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <string>
#include <vector>

namespace wscast::program {

/// An event that waits to be sent.
struct QueuedEvent {
  std::string json;
  std::chrono::steady_clock::time_point queued_at{};
};

/// The events that wait, oldest first, bounded in number and bytes. Over a bound the oldest are
/// dropped: when the receiver is back, it learns what is so now. One thread at a time; no I/O.
class EventQueue {
 public:
  using Time = std::chrono::steady_clock::time_point;

  EventQueue(std::size_t max_events, std::size_t max_bytes)
      : max_events_(max_events), max_bytes_(max_bytes) {}

  /// Returns how many events were dropped for it; itself, if it is over the bound alone.
  std::size_t push(std::string json, Time now);

  /// Returns how many there were.
  std::size_t drop_older_than(Time oldest);

  /// Takes the oldest: at most this many, and not more bytes unless the first has more alone.
  std::vector<QueuedEvent> take(std::size_t max_events, std::size_t max_bytes);

  /// Applies other bounds. Returns how many events were dropped.
  std::size_t set_bounds(std::size_t max_events, std::size_t max_bytes);

  bool empty() const { return events_.empty(); }
  std::size_t size() const { return events_.size(); }
  std::size_t bytes() const { return bytes_; }  ///< Of the JSON texts.
  const QueuedEvent& oldest() const { return events_.front(); }

 private:
  /// What an event takes beside its text.
  static constexpr std::size_t kOverhead = sizeof(QueuedEvent) + 32;

  bool over_bounds() const;
  std::size_t drop_excess();
  QueuedEvent pop();

  std::size_t max_events_;
  std::size_t max_bytes_;
  std::deque<QueuedEvent> events_;
  std::size_t bytes_ = 0;
};

}  // namespace wscast::program
