#pragma once

#include <cstddef>
#include <cstdint>

#include "wscast/options.h"

#include "base/clock.h"

namespace wscast::session {

/// Limits a rate per second: holds one second's worth of tokens, refills evenly. Starts full. Each
/// call is given the rate, in tokens per second, since all clients have the same; 0: unlimited.
class TokenBucket {
 public:
  /// Takes a token. Returns false if there is none: over the rate.
  bool take(std::size_t rate, SteadyTime now);

  /// Takes further tokens after take(), there or not: refilling pays the debt first.
  void charge(std::size_t rate, std::size_t tokens);

  /// Goes on with another rate, without more than one second's worth of it.
  void change_rate(std::size_t from, std::size_t to, SteadyTime now);

 private:
  SteadyTime empty_at_{};  ///< When it would have been empty, filling evenly since; or will be.
};

/// How much one client may send per second; 0: no limit.
struct Rates {
  std::size_t messages = 0;  ///< Messages, pings and pongs.
  std::size_t joins = 0;     ///< Rooms that `join` and `leave` name.
  std::size_t bytes = 0;     ///< Of messages, pings and pongs.
};

inline Rates rates_of(const SessionOptions& options) {
  return {options.message_rate, options.join_rate, options.byte_rate};
}

/// Checks the rates of one client's messages (protocol.md O11, X5). Each client has one: 32 bytes.
/// Shard thread only.
class RateLimiter {
 public:
  enum class Verdict : std::uint8_t {
    pass,
    drop,
    drop_and_report,  ///< The first drop in a second.
    close,            ///< Five consecutive seconds had drops.
  };

  /// The rates are `to` from now on.
  void change_rates(const Rates& from, const Rates& to, SteadyTime now);

  /// For a message of `bytes`. Passes while anything is left of the rate of bytes.
  Verdict check_message(const Rates& rates, std::size_t bytes, SteadyTime now) {
    return validate(messages_.take(rates.messages, now) && take_bytes(rates.bytes, bytes, now),
                    now);
  }

  /// For a `join` or `leave`, after check_message(). Passes while anything is left of the rate.
  Verdict check_join(const Rates& rates, SteadyTime now) {
    return validate(joins_.take(rates.joins, now), now);
  }

  /// Counts the rooms that a `join` or `leave` names, after it has passed; the first was counted.
  void count_rooms(const Rates& rates, std::size_t rooms) {
    if (rooms > 1) joins_.charge(rates.joins, rooms - 1);
  }

  /// Counts a message that is dropped for another reason than the rate.
  Verdict on_drop(SteadyTime now) { return validate(false, now); }

 private:
  bool take_bytes(std::size_t rate, std::size_t bytes, SteadyTime now) {
    if (!bytes_.take(rate, now)) return false;
    if (bytes > 1) bytes_.charge(rate, bytes - 1);
    return true;
  }
  Verdict validate(bool passes, SteadyTime now) { return passes ? Verdict::pass : dropped(now); }
  Verdict dropped(SteadyTime now);

  TokenBucket messages_;
  TokenBucket joins_;
  TokenBucket bytes_;
  std::int32_t last_drop_ = -2;          ///< The second of the last drop, by the clock.
  std::int32_t seconds_with_drops_ = 0;  ///< Consecutive, up to that one.
};

}  // namespace wscast::session
