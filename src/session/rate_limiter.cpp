#include "session/rate_limiter.h"

#include <algorithm>
#include <chrono>

namespace wscast::session {
namespace {

using std::chrono::nanoseconds;
using std::chrono::seconds;

constexpr int kSecondsToClose = 5;  // protocol.md O11.

/// How long `tokens` take to refill. Rounded down, so that a second has all of its tokens.
nanoseconds time_of(double tokens, std::size_t rate) {
  return nanoseconds(static_cast<std::int64_t>(tokens * 1e9 / static_cast<double>(rate)));
}

}  // namespace

bool TokenBucket::take(std::size_t rate, SteadyTime now) {
  if (rate == 0) return true;
  const SteadyTime empty_at = std::max(empty_at_, now - seconds(1));
  const nanoseconds token = time_of(1, rate);
  if (now - empty_at < token) return false;
  empty_at_ = empty_at + token;
  return true;
}

void TokenBucket::charge(std::size_t rate, std::size_t tokens) {
  if (rate > 0) empty_at_ += time_of(static_cast<double>(tokens), rate);
}

void TokenBucket::change_rate(std::size_t from, std::size_t to, SteadyTime now) {
  if (to == 0 || from == to) return;
  if (from == 0) {
    empty_at_ = {};
    return;
  }
  const nanoseconds filled = now - std::max(empty_at_, now - seconds(1));
  const double tokens = static_cast<double>(filled.count()) * static_cast<double>(from) / 1e9;
  empty_at_ = now - time_of(tokens, to);
}

void RateLimiter::change_rates(const Rates& from, const Rates& to, SteadyTime now) {
  messages_.change_rate(from.messages, to.messages, now);
  joins_.change_rate(from.joins, to.joins, now);
  bytes_.change_rate(from.bytes, to.bytes, now);
}

RateLimiter::Verdict RateLimiter::dropped(SteadyTime now) {
  const auto second =
      static_cast<std::int32_t>(std::chrono::floor<seconds>(now.time_since_epoch()).count());
  if (second == last_drop_) return Verdict::drop;
  seconds_with_drops_ = second == last_drop_ + 1 ? seconds_with_drops_ + 1 : 1;
  last_drop_ = second;
  return seconds_with_drops_ == kSecondsToClose ? Verdict::close : Verdict::drop_and_report;
}

}  // namespace wscast::session
