#pragma once

#include <atomic>
#include <cstddef>
#include <optional>
#include <utility>

#include "wscast/publish_result.h"

#include "broker/history.h"
#include "hub/group.h"

namespace wscast::server {

/// Adds up what the shards and the broker report of one message, for the caller's `on_result`. Any
/// thread.
class PublishAggregator {
 public:
  explicit PublishAggregator(OnResult on_result) : on_result_(std::move(on_result)) {}

  /// How many reports will come: one per shard, and one of the broker if it has the message too.
  /// Call it before the first of them.
  void expect(std::size_t reports) { waiting_.store(reports, std::memory_order_relaxed); }

  /// The call returns an error: complete() is a no-op from now on (protocol.md D10).
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  /// True: that was the last report, so complete() is to be called.
  bool report(const hub::Delivered& delivered) {
    accepted_.fetch_add(delivered.accepted, std::memory_order_relaxed);
    dropped_.fetch_add(delivered.dropped, std::memory_order_relaxed);
    return waiting_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  /// The same for the broker's report.
  bool report(Backplane backplane) {
    backplane_.store(backplane, std::memory_order_relaxed);
    return report(hub::Delivered{});
  }

  /// The same of a message into a room with history.
  bool report(const HistoryAppended& appended) {
    if (appended.backplane == Backplane::ok) {
      position_ = appended.position;
      repeated_ = appended.repeated;
    }
    return report(appended.backplane);
  }

  /// Calls `on_result` with the sums.
  void complete() const {
    if (cancelled_.load(std::memory_order_relaxed)) return;
    on_result_({.accepted = accepted_.load(std::memory_order_relaxed),
                .dropped = dropped_.load(std::memory_order_relaxed),
                .backplane = backplane_.load(std::memory_order_relaxed),
                .position = position_,
                .repeated = repeated_});
  }

 private:
  const OnResult on_result_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> accepted_{0};
  std::atomic<std::size_t> dropped_{0};
  std::atomic<Backplane> backplane_{Backplane::none};
  std::atomic<bool> cancelled_{false};
  std::optional<Position> position_;  ///< Written before the broker's report, the only one then.
  bool repeated_ = false;
};

}  // namespace wscast::server
