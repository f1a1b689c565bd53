#pragma once

#include <cstddef>
#include <cstdint>

#include "base/clock.h"

namespace wscast::session {

/// So many a second: holds one second's worth, refills evenly.
class TokenBucket {
 public:
  /// `rate`: a second; 0: everything passes.
  TokenBucket(std::size_t rate, SteadyTime now)
      : rate_(static_cast<double>(rate)), tokens_(rate_), refilled_(now) {}

  /// False: it is over the rate.
  bool take(SteadyTime now);

  /// Takes further tokens, there or not: what is owed is waited for.
  void owe(std::size_t tokens) { tokens_ -= static_cast<double>(tokens); }

 private:
  double rate_;
  double tokens_;
  SteadyTime refilled_;
};

/// Judges the pace of one client (protocol.md O11). Shard thread only.
class RateLimiter {
 public:
  enum class Verdict : std::uint8_t {
    pass,
    drop,
    drop_and_tell,  ///< The first drop in a second.
    close,          ///< There were drops in five seconds in a row.
  };

  RateLimiter(std::size_t message_rate, std::size_t join_rate, SteadyTime now)
      : messages_(message_rate, now), joins_(join_rate, now), begun_(now) {}

  Verdict take_message(SteadyTime now) { return validate(messages_.take(now), now); }

  /// Of a `join` or `leave`, besides take_message(). One passes while anything is left of the rate.
  Verdict take_join(SteadyTime now) { return validate(joins_.take(now), now); }

  /// A `join` or `leave` that passed names so many rooms: each counts, but for the first.
  void count_rooms(std::size_t rooms) {
    if (rooms > 1) joins_.owe(rooms - 1);
  }

  /// A message is dropped for another reason than the rate.
  Verdict drop(SteadyTime now) { return validate(false, now); }

 private:
  Verdict validate(bool passes, SteadyTime now);

  TokenBucket messages_;
  TokenBucket joins_;
  SteadyTime begun_;
  std::int64_t last_drop_ = -2;  ///< The second, counted from the begin, of the last drop.
  int seconds_with_drops_ = 0;   ///< In a row, up to that one.
};

}  // namespace wscast::session
