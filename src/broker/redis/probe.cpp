#include "broker/redis/probe.h"

#include <charconv>

namespace wscast::redis {

void Probe::start(SteadyTime now) {
  heard_ = now;
  due_ = now;
}

Probe::Step Probe::on_time(SteadyTime now) {
  if (!due_ || *due_ > now) return Step::wait;
  // A loop that was busy is no silence of Redis': what came in the meantime is not read yet.
  heard_ += now - *due_;
  due_ = now + interval_;
  if (now - heard_ >= timeout_) return Step::deaf;
  ++sent_;
  return Step::send;
}

bool Probe::on_probe(std::string_view text, SteadyTime now) {
  std::uint64_t number = 0;
  const auto* end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || rest != end || number == 0 || number > sent_) return false;
  heard_ = now;
  return true;
}

}  // namespace wscast::redis
