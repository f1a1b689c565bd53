#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "base/clock.h"

namespace wscast::redis {

/// Judges whether a growing number that is published is taken by Redis and comes back: what shows
/// that messages reach others and us when both links merely look alive. Without I/O.
class Probe {
 public:
  Probe(std::chrono::milliseconds interval, std::chrono::milliseconds timeout)
      : interval_(interval), timeout_(timeout) {}

  /// Both links are ready, or one is not any more.
  void start(SteadyTime now);
  void stop();

  /// When on_time() has something to do; nothing while stopped.
  std::optional<SteadyTime> due() const { return due_; }

  enum class Step : std::uint8_t {
    wait,  ///< It is not time yet.
    send,  ///< The next probe, number sent().
    deaf,  ///< None came back for too long.
    mute,  ///< They come back, but the link that publishes was told nothing for too long.
  };
  Step on_time(SteadyTime now);

  /// The number of the last probe; 0 before the first one.
  std::uint64_t sent() const { return sent_; }

  /// Redis took probe `number`.
  void on_taken(std::uint64_t number, SteadyTime now);

  /// Whether Redis took all of them.
  bool all_taken() const { return taken_ == sent_; }

  /// A probe came in. False when it is none that was sent.
  bool on_probe(std::string_view text, SteadyTime now);

  /// Something else shows that we hear, though no probe can be back yet.
  void postpone(SteadyTime now) { heard_at_ = now; }

  /// Since the start one was taken, and one came back.
  bool well() const { return was_taken_ && was_heard_; }

 private:
  const std::chrono::milliseconds interval_;
  const std::chrono::milliseconds timeout_;
  std::optional<SteadyTime> due_;
  SteadyTime taken_at_{};
  SteadyTime heard_at_{};
  bool was_taken_ = false;
  bool was_heard_ = false;
  std::uint64_t sent_ = 0;
  std::uint64_t taken_ = 0;
};

}  // namespace wscast::redis
