#include "session/rate_limiter.h"

#include <algorithm>
#include <chrono>

namespace wscast::session {
namespace {

constexpr int kSecondsToClose = 5;  // protocol.md O11.

}  // namespace

void TokenBucket::refill(SteadyTime now) {
  const double seconds = std::chrono::duration<double>(now - refilled_).count();
  tokens_ = std::min(rate_, tokens_ + seconds * rate_);
  refilled_ = now;
}

void TokenBucket::set_rate(std::size_t rate, SteadyTime now) {
  refill(now);
  const bool was_unlimited = rate_ == 0;
  rate_ = static_cast<double>(rate);
  tokens_ = was_unlimited ? rate_ : std::min(rate_, tokens_);
}

bool TokenBucket::take(SteadyTime now) {
  if (rate_ == 0) return true;
  refill(now);
  if (tokens_ < 1) return false;
  tokens_ -= 1;
  return true;
}

void RateLimiter::set_rates(const Rates& rates, SteadyTime now) {
  messages_.set_rate(rates.messages, now);
  joins_.set_rate(rates.joins, now);
  if (bytes_) {
    bytes_->set_rate(rates.bytes, now);
  } else if (rates.bytes > 0) {
    bytes_ = std::make_unique<TokenBucket>(rates.bytes, now);
  }
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
