#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "base/client_id.h"
#include "base/clock.h"
#include "base/message_trace.h"
#include "base/time_histogram.h"
#include "ws/frame.h"

namespace wscast::net {

/// Measures how long messages take from when the server took them until the kernel has them. Many
/// frames are written between two readings of the clock: they wait here for the next one, those of
/// one message as one entry, so that a fan-out pays for a comparison each. Notifies the traces of
/// messages that are followed of the same time. Shard thread only, except for add_to().
class DeliveryTimer {
 public:
  /// `clock` must outlive it.
  explicit DeliveryTimer(const Clock& clock) : clock_(clock) {}

  /// A frame was written completely.
  void note_written(const ws::FrameRef& frame) noexcept {
    if (frame.trace() != nullptr) note_traced(frame.shared_trace());
    const SteadyTime taken = frame.taken();
    if (taken == SteadyTime{}) return;
    if (count_ == 0 || written_[count_ - 1].taken != taken) add(taken);
    written_[count_ - 1].frames += frame.messages();
  }

  /// Whether settle() has something to count.
  bool pending() const { return count_ > 0 || !traced_.empty(); }

  /// Whether frames that are followed were written, to a client that is not named yet.
  bool unnamed() const { return named_ < traced_.size(); }

  /// All of these were written to `client`.
  void name(const std::optional<ClientId>& client) noexcept {
    while (unnamed()) traced_[named_++].client = client;
  }

  /// Counts what was written until now; for what no flush follows.
  void settle() noexcept { settle(clock_.now()); }

  /// Counts what was written before `now`.
  void settle(SteadyTime now) noexcept {
    count(now);
    if (!traced_.empty()) settle_traced(now);
  }

  /// Any thread.
  void add_to(Distribution& all) const { times_.add_to(all); }

 private:
  static constexpr std::size_t kMostWritten = 64;

  struct Written {
    SteadyTime taken;
    std::uint64_t frames;
  };

  void count(SteadyTime now) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      times_.add_time(written_[i].taken, now, written_[i].frames);
    }
    count_ = 0;
  }

  struct TracedFrame {
    std::shared_ptr<MessageTrace> trace;
    std::optional<ClientId> client;
  };

  void note_traced(const std::shared_ptr<MessageTrace>& trace) noexcept try {
    traced_.push_back({trace, std::nullopt});
  } catch (const std::exception&) {  // The trace does not get it.
  }

  void settle_traced(SteadyTime now) noexcept {
    for (const TracedFrame& frame : traced_) frame.trace->on_written(frame.client, now);
    traced_ = {};
    named_ = 0;
  }

  void add(SteadyTime taken) noexcept {
    if (count_ == kMostWritten) count(clock_.now());
    written_[count_++] = {taken, 0};
  }

  const Clock& clock_;
  std::array<Written, kMostWritten> written_{};
  std::size_t count_ = 0;
  std::vector<TracedFrame> traced_;
  std::size_t named_ = 0;  ///< How many of them have their client.
  TimeHistogram times_;
};

}  // namespace wscast::net
