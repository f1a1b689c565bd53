#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "broker/redis/pubsub/channel_entry.h"
#include "broker/redis/pubsub/subscribe_commands.h"

namespace wscast::redis {

/// The channels and patterns that each connection subscribes to, needed or not. No I/O.
class PermanentSubscriptions {
 public:
  /// Named as on the wire.
  struct Names {
    std::vector<std::string> channels{};
    std::vector<std::string> patterns{};
  };

  explicit PermanentSubscriptions(const Names& names);

  void on_connected();
  void on_disconnected() { due_ = false; }

  /// Whether write() has something to write.
  bool due() const { return due_; }

  /// Appends the commands: each name has one of its own, so that a refusal concerns it alone.
  void write(std::string& out, SubscribeCommands& commands);

  bool contains(const ChannelNode* node) const;

  /// Redis confirmed `node`. False when it is none of these.
  bool confirm(const ChannelNode* node);

  /// Whether all of them are confirmed.
  bool complete() const { return missing_ == 0; }

 private:
  struct Item {
    Item(SubscribeVerb with, std::string_view name) : verb(with), node(name, ChannelEntry{}) {}

    SubscribeVerb verb;
    ChannelNode node;
  };

  std::deque<Item> items_;
  std::size_t missing_;
  bool due_ = false;
};

}  // namespace wscast::redis
