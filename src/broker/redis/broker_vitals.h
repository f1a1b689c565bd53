#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>

#include "wscast/measurements.h"

#include "base/clock.h"

namespace wscast::redis {

/// What a RedisBroker knows of its connections, for measurements. Written by the loop's thread,
/// read by any.
class BrokerVitals {
 public:
  void set_publishes(bool ready) { publishes_.store(ready, std::memory_order_relaxed); }
  void set_subscribes(bool ready) { subscribes_.store(ready, std::memory_order_relaxed); }

  /// A probe came back at `now`, after `round_trip`.
  void on_probe(std::chrono::nanoseconds round_trip, SteadyTime now) {
    round_trip_.store(round_trip.count(), std::memory_order_relaxed);
    probed_at_.store(now, std::memory_order_relaxed);
  }

  /// Any thread.
  BackplaneState state(SteadyTime now) const {
    BackplaneState state{.reaches_others = true,
                         .publishes = publishes_.load(std::memory_order_relaxed),
                         .subscribes = subscribes_.load(std::memory_order_relaxed)};
    const auto probed_at = probed_at_.load(std::memory_order_relaxed);
    if (probed_at == SteadyTime{}) return state;
    state.round_trip_ns = static_cast<std::uint64_t>(round_trip_.load(std::memory_order_relaxed));
    const std::chrono::nanoseconds silence =
        now < probed_at ? SteadyTime::duration(0) : now - probed_at;
    state.silence_ns = static_cast<std::uint64_t>(silence.count());
    return state;
  }

 private:
  std::atomic<bool> publishes_{false};
  std::atomic<bool> subscribes_{false};
  std::atomic<std::int64_t> round_trip_{0};
  std::atomic<SteadyTime> probed_at_{SteadyTime{}};  ///< SteadyTime{}: no probe came back yet.
};

}  // namespace wscast::redis
