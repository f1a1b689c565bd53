#pragma once

#include <cstddef>
#include <string>

#include "base/clock.h"
#include "server/directory.h"
#include "server/history_feed.h"
#include "server/shard_router.h"
#include "server/tracer.h"

namespace wscast::server {

/// Brings what HistoryFeed says to the shards that it concerns. Thread of the broker's shard.
class HistoryDelivery final : public HistoryFeed::Output {
 public:
  /// All of them must outlive it. `clock`: as that of Dispatcher.
  HistoryDelivery(const Directory& directory, ShardRouter& router, Tracer& tracer,
                  const Clock* clock = nullptr)
      : directory_(directory), router_(router), tracer_(tracer), clock_(clock) {}

  void deliver(const hub::SharedHistoryMessage& message) override;
  void tell(const protocol::Gap& gap) override;
  void answer(std::size_t shard, const ClientId& client, session::HistoryAnswer answer) override;
  bool has_members(const std::string& room) override;

 private:
  const Directory& directory_;
  ShardRouter& router_;
  Tracer& tracer_;
  const Clock* const clock_;
};

}  // namespace wscast::server
