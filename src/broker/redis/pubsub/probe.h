#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace wscast::redis {

/// Schedules probes, growing numbers published to this server's own channel, and checks that Redis
/// accepts them and that they come back. So messages do reach others and this server: two
/// connections may look alive and deliver nothing. No I/O.
class Probe {
 public:
  Probe(std::chrono::milliseconds interval, std::chrono::milliseconds timeout)
      : interval_(interval), timeout_(timeout) {}

  /// To be called when both connections are ready, and when one is not any more.
  void start(SteadyTime now);
  void stop();

  /// When on_time() has something to do; nothing while stopped.
  std::optional<SteadyTime> due() const { return due_; }

  enum class Step : std::uint8_t {
    wait,           ///< Nothing is due yet.
    send,           ///< Publish the next probe, number sent().
    no_deliveries,  ///< None came back for too long.
    unresponsive,   ///< They come back, but Redis replied to none for too long.
  };
  Step on_time(SteadyTime now);

  /// The number of the last probe; 0 before the first one.
  std::uint64_t sent() const { return sent_; }

  /// Redis replied to probe `number`.
  void on_accepted(std::uint64_t number, SteadyTime now);

  /// Whether Redis replied to all of them.
  bool all_accepted() const { return accepted_ == sent_; }

  /// A probe was delivered. False when it is none that was sent.
  bool on_returned(std::string_view text, SteadyTime now);

  /// How long the last probe took until it came back; nothing while it is under way.
  std::optional<std::chrono::nanoseconds> round_trip() const {
    if (returned_ != sent_ || sent_ == 0) return std::nullopt;
    return returned_at_ - sent_at_;
  }

  /// Something else shows that messages arrive, though no probe can be back yet.
  void postpone(SteadyTime now) { returned_at_ = now; }

  /// Whether since the start one was accepted, and one came back.
  bool healthy() const { return was_accepted_ && was_returned_; }

 private:
  const std::chrono::milliseconds interval_;
  const std::chrono::milliseconds timeout_;
  std::optional<SteadyTime> due_;
  SteadyTime accepted_at_{};
  SteadyTime returned_at_{};
  bool was_accepted_ = false;
  bool was_returned_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t accepted_ = 0;
  std::uint64_t returned_ = 0;
  SteadyTime sent_at_{};
};

}  // namespace wscast::redis
