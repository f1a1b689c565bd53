#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "loss_report.h"

namespace wscast::program {

/// Limits the messages per second that clients publish to one room, all clients together: refills
/// evenly, up to one second's worth. Remembers the rooms of about the last second. What it refuses
/// is logged, once a minute at most. Any thread; no lock without a limit.
class RoomRateLimiter {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// `rate`: messages per second; 0: no limit.
  explicit RoomRateLimiter(std::size_t rate = 0) : rate_(rate) {}

  /// Goes on with another rate.
  void set_rate(std::size_t rate) { rate_.store(rate, std::memory_order_relaxed); }

  /// Takes a message for `room`. Returns false if it is over the rate. Throws std::bad_alloc.
  bool take(std::string_view room, Time now);

  /// The messages that were refused.
  std::uint64_t refused() const { return refused_.load(std::memory_order_relaxed); }

  /// The rooms that are remembered.
  std::size_t rooms() const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>{}(text);
    }
  };

  struct Stripe {
    mutable std::mutex mutex;
    /// When a room has all of its rate again.
    std::unordered_map<std::string, Time, Hash, std::equal_to<>> full_at;
    std::size_t size_to_forget = 0;  ///< How many to have before looking for full ones.
  };

  static bool take(Stripe& stripe, std::string_view room, std::size_t rate, Time now);
  void report(Time now);

  std::atomic<std::size_t> rate_;
  std::atomic<std::uint64_t> refused_{0};
  std::array<Stripe, 16> stripes_;
  std::mutex report_mutex_;
  LossReport report_;
};

}  // namespace wscast::program
