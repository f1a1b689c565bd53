#pragma once

#include <exception>
#include <string>
#include <string_view>

#include "server/shard_command.h"
#include "server/shard_router.h"
#include "session/history_rules.h"

namespace wscast::server {

/// Lets HistoryFeed know of rooms that this server has got members of, so that it finds what gets
/// lost from then on. A no-op for other rooms. Any thread.
class HistoryInterest {
 public:
  /// Both must outlive it.
  HistoryInterest(const session::HistoryRules& rules, ShardRouter& router)
      : rules_(rules), router_(router) {}

  /// Without memory the room is known from its next message on.
  void on_entered(std::string_view room) const noexcept try {
    if (rules_.find(room) != nullptr) router_.route(kBrokerShard, HistoryFollow{std::string(room)});
  } catch (const std::exception&) {
  }

 private:
  const session::HistoryRules& rules_;
  ShardRouter& router_;
};

}  // namespace wscast::server
