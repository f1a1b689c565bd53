#include "net/deadlines.h"

#include <algorithm>

namespace wscast::net {

void Deadlines::set(std::size_t slot, SteadyTime when) {
  if (slot >= when_.size()) {
    if (slot >= when_.capacity()) when_.reserve(std::max(slot + 1, 2 * when_.capacity()));
    expired_.reserve(when_.capacity());  // expire() must not lose a deadline for want of memory.
    when_.resize(slot + 1, kNever);
  }
  when_[slot] = when;
}

SteadyTime Deadlines::earliest() const {
  const auto first = std::ranges::min_element(when_);
  return first == when_.end() ? kNever : *first;
}

const std::vector<std::size_t>& Deadlines::expire(SteadyTime now, std::size_t most) {
  expired_.clear();
  for (std::size_t seen = 0; seen < when_.size() && expired_.size() < most; ++seen) {
    if (next_ >= when_.size()) next_ = 0;
    const std::size_t slot = next_++;
    if (when_[slot] > now) continue;
    when_[slot] = kNever;
    expired_.push_back(slot);
  }
  return expired_;
}

}  // namespace wscast::net
