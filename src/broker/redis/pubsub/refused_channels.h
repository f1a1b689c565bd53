#pragma once

#include <chrono>
#include <optional>
#include <set>
#include <vector>

#include "base/clock.h"
#include "broker/redis/pubsub/channel_entry.h"

namespace wscast::redis {

/// The needed channels that Redis refuses, and when to ask for them again: all of them after a
/// pause, at most 1,000 a second. No I/O.
class RefusedChannels {
 public:
  explicit RefusedChannels(std::chrono::milliseconds retry_after) : retry_after_(retry_after) {}

  void add(ChannelNode& node, SteadyTime now);
  void remove(ChannelNode& node) { nodes_.erase(&node); }
  void clear();

  std::optional<SteadyTime> next_retry() const { return retry_at_; }

  /// Removes and returns those that are to be asked for again now.
  std::vector<ChannelNode*> take_due(SteadyTime now);

 private:
  const std::chrono::milliseconds retry_after_;
  std::set<ChannelNode*> nodes_;
  ChannelNode* last_ = nullptr;  // The last one taken; the next retry goes on behind it.
  std::optional<SteadyTime> retry_at_;
};

}  // namespace wscast::redis
