#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/clock.h"
#include "base/time_histogram.h"

namespace wscast::net {

/// Measures how long messages take from when the server took them until the kernel has them. Many
/// frames are written between two readings of the clock: they wait here for the next one, those of
/// one message as one entry, so that a fan-out pays for a comparison each. Shard thread only,
/// except for add_to().
class DeliveryTimer {
 public:
  /// `clock` must outlive it.
  explicit DeliveryTimer(const Clock& clock) : clock_(clock) {}

  /// A frame was written completely. `taken`: when the server took its message; SteadyTime{}: it is
  /// not measured.
  void note_written(SteadyTime taken) noexcept {
    if (taken == SteadyTime{}) return;
    if (count_ == 0 || written_[count_ - 1].taken != taken) add(taken);
    ++written_[count_ - 1].frames;
  }

  /// Whether settle() has something to count.
  bool pending() const { return count_ > 0; }

  /// Counts what was written until now; for what no flush follows.
  void settle() noexcept { settle(clock_.now()); }

  /// Counts what was written before `now`.
  void settle(SteadyTime now) noexcept {
    for (std::size_t i = 0; i < count_; ++i) {
      times_.add_time(written_[i].taken, now, written_[i].frames);
    }
    count_ = 0;
  }

  /// Any thread.
  void add_to(Distribution& all) const { times_.add_to(all); }

 private:
  static constexpr std::size_t kMostWritten = 64;

  struct Written {
    SteadyTime taken;
    std::uint64_t frames;
  };

  void add(SteadyTime taken) noexcept {
    if (count_ == kMostWritten) settle();
    written_[count_++] = {taken, 0};
  }

  const Clock& clock_;
  std::array<Written, kMostWritten> written_{};
  std::size_t count_ = 0;
  TimeHistogram times_;
};

}  // namespace wscast::net
