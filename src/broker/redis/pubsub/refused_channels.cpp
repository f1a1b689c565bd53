#include "broker/redis/pubsub/refused_channels.h"

namespace wscast::redis {
namespace {

constexpr std::size_t kMaxRetries = 1'000;
constexpr auto kRetryPause = std::chrono::seconds(1);

}  // namespace

void RefusedChannels::add(ChannelNode& node, SteadyTime now) {
  nodes_.insert(&node);
  if (!retry_at_) retry_at_ = now + retry_after_;
}

void RefusedChannels::clear() {
  nodes_.clear();
  last_ = nullptr;
  retry_at_.reset();
}

std::vector<ChannelNode*> RefusedChannels::take_due(SteadyTime now) {
  std::vector<ChannelNode*> due;
  if (!retry_at_ || *retry_at_ > now) return due;
  auto at = nodes_.upper_bound(last_);
  for (std::size_t n = 0; n < kMaxRetries && at != nodes_.end(); ++n) {
    due.push_back(*at);
    last_ = *at;
    at = nodes_.erase(at);
  }
  const bool all = at == nodes_.end();
  if (all) last_ = nullptr;
  retry_at_.reset();
  if (!nodes_.empty()) retry_at_ = now + (all ? retry_after_ : kRetryPause);
  return due;
}

}  // namespace wscast::redis
