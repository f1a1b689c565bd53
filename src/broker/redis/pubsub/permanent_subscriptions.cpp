#include "broker/redis/pubsub/permanent_subscriptions.h"

#include <algorithm>
#include <utility>

namespace wscast::redis {

PermanentSubscriptions::PermanentSubscriptions(const Names& names) {
  for (const auto& pattern : names.patterns) {
    items_.emplace_back(SubscribeVerb::psubscribe, pattern);
  }
  for (const auto& channel : names.channels) {
    items_.emplace_back(SubscribeVerb::subscribe, channel);
  }
  missing_ = items_.size();
}

void PermanentSubscriptions::on_connected() {
  missing_ = items_.size();
  due_ = !items_.empty();
}

void PermanentSubscriptions::write(std::string& out, SubscribeCommands& commands) {
  if (!std::exchange(due_, false)) return;
  for (Item& item : items_) {
    SubscribeCommands::Writer writer(out, commands, item.verb);
    writer.add(item.node);
    writer.flush();
  }
}

bool PermanentSubscriptions::contains(const ChannelNode* node) const {
  return std::ranges::any_of(items_, [node](const Item& item) { return &item.node == node; });
}

bool PermanentSubscriptions::confirm(const ChannelNode* node) {
  if (!contains(node)) return false;
  --missing_;
  return true;
}

}  // namespace wscast::redis
