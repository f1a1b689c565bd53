#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

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

/// How much one client may send per second; 0: no limit.
struct Rates {
  std::size_t messages = 0;  ///< Messages, pings and pongs.
  std::size_t joins = 0;     ///< Rooms that `join` and `leave` name.
  std::size_t bytes = 0;     ///< Of messages, pings and pongs.

  bool unlimited() const { return messages == 0 && joins == 0 && bytes == 0; }
};

/// Checks the rates of one client's messages (protocol.md O11, X5). Shard thread only.
class RateLimiter {
 public:
  enum class Verdict : std::uint8_t {
    pass,
    drop,
    drop_and_report,  ///< The first drop in a second.
    close,            ///< Five consecutive seconds had drops.
  };

  RateLimiter(const Rates& rates, SteadyTime now)
      : messages_(rates.messages, now), joins_(rates.joins, now), started_(now) {
    if (rates.bytes > 0) bytes_ = std::make_unique<TokenBucket>(rates.bytes, now);
  }

  /// Goes on with other rates.
  void set_rates(const Rates& rates, SteadyTime now);

  /// For a message of `bytes`. Passes while anything is left of the rate of bytes.
  Verdict check_message(std::size_t bytes, SteadyTime now) {
    return validate(messages_.take(now) && take_bytes(bytes, now), now);
  }

  /// For a `join` or `leave`, after check_message(). Passes while anything is left of the rate.
  Verdict check_join(SteadyTime now) { return validate(joins_.take(now), now); }

  /// Counts the rooms that a `join` or `leave` names, after it has passed; the first was counted.
  void count_rooms(std::size_t rooms) {
    if (rooms > 1) joins_.charge(rooms - 1);
  }

  /// Counts a message that is dropped for another reason than the rate.
  Verdict on_drop(SteadyTime now) { return validate(false, now); }

 private:
  bool take_bytes(std::size_t bytes, SteadyTime now) {
    if (!bytes_) return true;
    if (!bytes_->take(now)) return false;
    if (bytes > 1) bytes_->charge(bytes - 1);
    return true;
  }
  Verdict validate(bool passes, SteadyTime now);

  TokenBucket messages_;
  TokenBucket joins_;
  std::unique_ptr<TokenBucket> bytes_;  ///< Null: no limit.
  SteadyTime started_;
  std::int32_t last_drop_ = -2;          ///< The second of the last drop, from the start.
  std::int32_t seconds_with_drops_ = 0;  ///< Consecutive, up to that one.
};

}  // namespace wscast::session
