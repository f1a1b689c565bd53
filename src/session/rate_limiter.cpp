#include "session/rate_limiter.h"

#include <algorithm>
#include <chrono>

namespace wscast::session {
namespace {

constexpr int kSecondsToClose = 5;  // protocol.md O11.

}  // namespace

bool TokenBucket::take(SteadyTime now) {
  if (rate_ == 0) return true;
  const double seconds = std::chrono::duration<double>(now - refilled_).count();
  tokens_ = std::min(rate_, tokens_ + seconds * rate_);
  refilled_ = now;
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

RateLimiter::Verdict RateLimiter::validate(bool passes, SteadyTime now) {
  if (passes) return Verdict::pass;
  const auto second =
      static_cast<std::int32_t>(std::chrono::floor<std::chrono::seconds>(now - started_).count());
  if (second == last_drop_) return Verdict::drop;
  seconds_with_drops_ = second == last_drop_ + 1 ? seconds_with_drops_ + 1 : 1;
  last_drop_ = second;
  return seconds_with_drops_ == kSecondsToClose ? Verdict::close : Verdict::drop_and_report;
}

}  // namespace wscast::session
