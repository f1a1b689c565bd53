#pragma once

#include <cstddef>
#include <string>

#include "server/directory.h"
#include "server/dispatcher.h"
#include "server/history_feed.h"
#include "server/shard_router.h"

namespace wscast::server {

/// Brings what HistoryFeed says to the shards that it concerns. Thread of the broker's shard.
class HistoryDelivery final : public HistoryFeed::Output {
 public:
  /// All of them must outlive it.
  HistoryDelivery(const Directory& directory, ShardRouter& router, Dispatcher& dispatcher)
      : directory_(directory), router_(router), dispatcher_(dispatcher) {}

  void deliver(const hub::SharedHistoryMessage& message) override {
    dispatcher_.deliver_history(message);
  }
  void tell(const protocol::Gap& gap) override {
    router_.route(directory_.shards_of_room(gap.room),
                  HistoryGapNotice{.room = std::string(gap.room),
                                   .from = gap.from,
                                   .to = gap.to,
                                   .reason = gap.reason,
                                   .position = *gap.position});
  }
  void answer(std::size_t shard, const ClientId& client, session::HistoryAnswer answer) override {
    router_.route(shard, HistoryAnswered{client, std::move(answer)});
  }
  bool has_members(const std::string& room) override {
    return !directory_.shards_of_room(room).empty();
  }

 private:
  const Directory& directory_;
  ShardRouter& router_;
  Dispatcher& dispatcher_;
};

}  // namespace wscast::server
