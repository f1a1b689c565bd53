#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "wscast/measurements.h"

#include "http_client/backoff.h"
#include "webhook/event_queue.h"
#include "webhook/webhook_options.h"

namespace wscast::program {

/// Several events in one request. It stays as it is until it is delivered or too old, so each
/// attempt has the same id and body.
struct EventBatch {
  std::string id{};
  std::string body{};  ///< `{"events":[...]}`, with `"lost":n` if so many before them were lost.
  std::size_t events = 0;
  std::uint64_t lost = 0;
  std::chrono::steady_clock::time_point newest{};  ///< When its last event was queued.
};

/// Totals since the start.
struct EventDeliveryCounts {
  std::uint64_t delivered = 0;  ///< Events that the receiver accepted.
  std::uint64_t failures = 0;   ///< Attempts that it did not accept.
  std::uint64_t lost_full = 0;  ///< Events dropped from a full queue.
  std::uint64_t lost_old = 0;   ///< Events that could not be delivered for max_age.
  std::uint64_t lost_gone = 0;  ///< Events dropped because the receiver replied 410.

  std::uint64_t lost() const { return lost_full + lost_old + lost_gone; }
};

/// Decides what is sent to the receiver of events, and when: collects them into batches, sends one
/// batch at a time, so that order holds, and repeats it with back-off until it is accepted or too
/// old. No I/O: the owner asks start() for the batch to send and reports the result to finish().
/// One thread at a time; the clock and randomness are passed in.
class EventDelivery {
 public:
  using Time = std::chrono::steady_clock::time_point;

  enum class Result : std::uint8_t {
    accepted,   ///< 2xx
    failed,     ///< Anything else: it is tried again.
    gone,       ///< 410: nothing is sent any more.
    abandoned,  ///< The attempt was given up here; it says nothing about the receiver.
  };

  /// `new_id` makes the ids of batches; `random` returns 0 to 1.
  EventDelivery(const WebhookOptions& options, std::function<std::string()> new_id,
                std::function<double()> random);

  /// Queues an event, a JSON text; drops it when is_off().
  void push(std::string json, Time now);

  /// The batch to send now; null if none is due. It stays valid until finish(), which must follow.
  const EventBatch* start(Time now);

  /// Reports the result of what start() returned. `retry_after` is what the receiver asked for.
  void finish(Result result, std::optional<std::chrono::seconds> retry_after, Time now);

  /// When start() may return a batch; std::nullopt: not before the next push() or finish().
  std::optional<Time> due() const;

  /// From now on no event waits for others, and the next attempt is due at once.
  void drain();

  /// Applies other options to what follows, and ends is_off().
  void set_options(const WebhookOptions& options);

  /// Whether the receiver replied 410.
  bool is_off() const { return off_; }

  /// Events that are neither delivered nor lost.
  std::size_t pending() const { return queue_.size() + (batch_ ? batch_->events : 0); }

  const EventDeliveryCounts& counts() const { return counts_; }

  /// How long requests took, in nanoseconds, from start() to finish(); without those that were
  /// abandoned.
  const Distribution& requests_ns() const { return requests_ns_; }

 private:
  bool is_full() const;
  void drop_old(Time now);
  void make_batch();
  void lose(std::uint64_t& count, std::size_t events);
  void retry_later(std::optional<std::chrono::seconds> retry_after, Time now);
  void switch_off();

  WebhookOptions options_;
  std::function<std::string()> new_id_;
  std::function<double()> random_;
  EventQueue queue_;
  Backoff backoff_;
  std::optional<EventBatch> batch_;
  Time retry_at_{};           ///< When `batch_` is tried next.
  std::uint64_t untold_ = 0;  ///< Lost events that no batch has named yet.
  bool under_way_ = false;
  bool draining_ = false;
  bool off_ = false;
  EventDeliveryCounts counts_;
  Distribution requests_ns_;
  Time started_at_{};  ///< The request under way.
};

}  // namespace wscast::program
