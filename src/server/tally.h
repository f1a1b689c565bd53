#pragma once

#include <atomic>
#include <cstddef>
#include <utility>

#include "wscast/publish_result.h"

#include "hub/group.h"

namespace wscast::server {

/// Adds up what the shards tell of one message to several, for its caller. Any thread.
class Tally {
 public:
  explicit Tally(OnResult on_result) : on_result_(std::move(on_result)) {}

  /// So many, shards and perhaps the broker, will report; before the first of them does.
  void expect(std::size_t shards) { waiting_.store(shards, std::memory_order_relaxed); }

  /// The call answers an error: nobody will be told.
  void cancel() { cancelled_.store(true, std::memory_order_relaxed); }

  /// True: that was the last report, so tell() is to be called.
  bool report(const hub::Delivered& delivered) {
    accepted_.fetch_add(delivered.accepted, std::memory_order_relaxed);
    dropped_.fetch_add(delivered.dropped, std::memory_order_relaxed);
    return waiting_.fetch_sub(1, std::memory_order_acq_rel) == 1;
  }

  /// The same, of the broker: it counts as one of those that report.
  bool report(Backplane backplane) {
    backplane_.store(backplane, std::memory_order_relaxed);
    return report(hub::Delivered{});
  }

  void tell() const {
    if (cancelled_.load(std::memory_order_relaxed)) return;
    on_result_({.accepted = accepted_.load(std::memory_order_relaxed),
                .dropped = dropped_.load(std::memory_order_relaxed),
                .backplane = backplane_.load(std::memory_order_relaxed)});
  }

 private:
  const OnResult on_result_;
  std::atomic<std::size_t> waiting_{0};
  std::atomic<std::size_t> accepted_{0};
  std::atomic<std::size_t> dropped_{0};
  std::atomic<Backplane> backplane_{Backplane::none};
  std::atomic<bool> cancelled_{false};
};

}  // namespace wscast::server
