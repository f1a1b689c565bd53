#include "broker/redis/probe.h"

#include <algorithm>
#include <charconv>

namespace wscast::redis {

void Probe::start(SteadyTime now) {
  stop();
  taken_ = sent_;
  taken_at_ = heard_at_ = now;
  due_ = now;
}

void Probe::stop() {
  due_.reset();
  was_taken_ = was_heard_ = false;
}

Probe::Step Probe::on_time(SteadyTime now) {
  if (!due_ || *due_ > now) return Step::wait;
  // A loop that was busy is no silence of Redis': what came in the meantime is not read yet.
  taken_at_ += now - *due_;
  heard_at_ += now - *due_;
  const auto too_late = std::min(taken_at_, heard_at_) + timeout_;
  // Of a Redis that hangs the one silence begins a moment before the other.
  if (now >= too_late) return now - heard_at_ > timeout_ - interval_ ? Step::deaf : Step::mute;
  due_ = std::min(now + interval_, too_late);
  ++sent_;
  return Step::send;
}

void Probe::on_taken(std::uint64_t number, SteadyTime now) {
  taken_ = number;
  taken_at_ = now;
  was_taken_ = due_.has_value();
}

bool Probe::on_probe(std::string_view text, SteadyTime now) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number == 0 || number > sent_) return false;
  heard_at_ = now;
  was_heard_ = due_.has_value();
  return true;
}

}  // namespace wscast::redis
