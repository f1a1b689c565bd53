#include "broker/redis/pubsub/probe.h"

#include <algorithm>
#include <charconv>

namespace wscast::redis {

void Probe::start(SteadyTime now) {
  stop();
  accepted_ = sent_;
  accepted_at_ = returned_at_ = now;
  due_ = now;
}

void Probe::stop() {
  due_.reset();
  was_accepted_ = was_returned_ = false;
}

Probe::Step Probe::on_time(SteadyTime now) {
  if (!due_ || *due_ > now) return Step::wait;
  // While the loop was busy Redis was not silent: what came in the meantime is not read yet.
  accepted_at_ += now - *due_;
  returned_at_ += now - *due_;
  const auto too_late = std::min(accepted_at_, returned_at_) + timeout_;
  // When Redis hangs, the one silence begins a moment before the other.
  if (now >= too_late)
    return now - returned_at_ > timeout_ - interval_ ? Step::no_deliveries : Step::unresponsive;
  due_ = std::min(now + interval_, too_late);
  ++sent_;
  sent_at_ = now;
  return Step::send;
}

void Probe::on_accepted(std::uint64_t number, SteadyTime now) {
  accepted_ = number;
  accepted_at_ = now;
  was_accepted_ = due_.has_value();
}

bool Probe::on_returned(std::string_view text, SteadyTime now) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number == 0 || number > sent_) return false;
  returned_at_ = now;
  returned_ = number;
  was_returned_ = due_.has_value();
  return true;
}

}  // namespace wscast::redis
