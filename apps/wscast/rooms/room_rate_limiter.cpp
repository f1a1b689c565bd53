#include "rooms/room_rate_limiter.h"

#include <algorithm>

#include "logging.h"

namespace wscast::program {
namespace {

constexpr std::chrono::seconds kBurst{1};
constexpr std::size_t kLeastSize = 64;

}  // namespace

bool RoomRateLimiter::take(std::string_view room, Time now) {
  const std::size_t rate = rate_.load(std::memory_order_relaxed);
  if (rate == 0) return true;
  if (take(stripes_[Hash{}(room) % stripes_.size()], room, rate, now)) return true;
  refused_.fetch_add(1, std::memory_order_relaxed);
  report(now);
  return false;
}

bool RoomRateLimiter::take(Stripe& stripe, std::string_view room, std::size_t rate, Time now) {
  const auto parts = static_cast<Time::rep>(rate);
  const Time::duration one = std::max(Time::duration(kBurst) / parts, Time::duration(1));
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.full_at.find(room);
  if (found != stripe.full_at.end()) {
    const Time full_at = std::max(found->second, now) + one;
    if (full_at - now > kBurst) return false;
    found->second = full_at;
    return true;
  }
  if (stripe.full_at.size() >= std::max(stripe.size_to_forget, kLeastSize)) {
    std::erase_if(stripe.full_at, [now](const auto& entry) { return entry.second <= now; });
    stripe.size_to_forget = 2 * stripe.full_at.size();
  }
  stripe.full_at.emplace(room, now + one);
  return true;
}

void RoomRateLimiter::report(Time now) {
  const std::lock_guard lock(report_mutex_);
  const std::uint64_t count = report_.take(refused(), now);
  if (count == 0) return;
  log_line(LogLevel::warning, "room_rate_refusals",
           "publishes refused, over limits.room_publish_rate: " + std::to_string(count));
}

std::size_t RoomRateLimiter::rooms() const {
  std::size_t count = 0;
  for (const Stripe& stripe : stripes_) {
    const std::lock_guard lock(stripe.mutex);
    count += stripe.full_at.size();
  }
  return count;
}

}  // namespace wscast::program
