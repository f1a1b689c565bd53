#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace wscast::session {

/// Limits a rate per second: holds one second's worth of tokens, refills evenly.
class TokenBucket {
 public:
  /// `rate`: tokens per second; 0: unlimited.
  TokenBucket(std::size_t rate, SteadyTime now)
      : rate_(static_cast<double>(rate)), tokens_(rate_), refilled_(now) {}

  /// Goes on with another rate, without more than one second's worth of it.
  void set_rate(std::size_t rate, SteadyTime now);

  /// Takes a token. Returns false if there is none: over the rate.
  bool take(SteadyTime now);

  /// Takes further tokens, there or not: refilling pays the debt first.
  void charge(std::size_t tokens) { tokens_ -= static_cast<double>(tokens); }

 private:
  void refill(SteadyTime now);

  double rate_;
  double tokens_;
  SteadyTime refilled_;
};

/// Checks the rate of one client's messages (protocol.md O11). Shard thread only.
class RateLimiter {
 public:
  enum class Verdict : std::uint8_t {
    pass,
    drop,
    drop_and_report,  ///< The first drop in a second.
    close,            ///< Five consecutive seconds had drops.
  };

  RateLimiter(std::size_t message_rate, std::size_t join_rate, SteadyTime now)
      : messages_(message_rate, now), joins_(join_rate, now), started_(now) {}

  /// Goes on with other rates.
  void set_rates(std::size_t message_rate, std::size_t join_rate, SteadyTime now) {
    messages_.set_rate(message_rate, now);
    joins_.set_rate(join_rate, now);
  }

  Verdict check_message(SteadyTime now) { return validate(messages_.take(now), now); }

  /// For a `join` or `leave`, after check_message(). Passes while anything is left of the rate.
  Verdict check_join(SteadyTime now) { return validate(joins_.take(now), now); }

  /// Counts the rooms that a `join` or `leave` names, after it has passed; the first was counted.
  void count_rooms(std::size_t rooms) {
    if (rooms > 1) joins_.charge(rooms - 1);
  }

  /// Counts a message that is dropped for another reason than the rate.
  Verdict on_drop(SteadyTime now) { return validate(false, now); }

 private:
  Verdict validate(bool passes, SteadyTime now);

  TokenBucket messages_;
  TokenBucket joins_;
  SteadyTime started_;
  std::int64_t last_drop_ = -2;  ///< The second of the last drop, from the start.
  int seconds_with_drops_ = 0;   ///< Consecutive, up to that one.
};

}  // namespace wscast::session
