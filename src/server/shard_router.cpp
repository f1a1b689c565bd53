#include "server/shard_router.h"

#include <new>
#include <numeric>
#include <type_traits>
#include <utility>

namespace wscast::server {

void ShardRouter::connect(const std::vector<ShardPort>& shards) {
  shards_ = shards;
  queue_.connect(shards);
  all_.resize(shards.size());
  std::iota(all_.begin(), all_.end(), std::size_t{0});
}

template <class Command>
bool ShardRouter::enqueue(std::optional<std::size_t> here, std::size_t shard, Command&& command) {
  const std::size_t cost = cost_of(command);
  if (queue_.charge(shard, cost)) {
    try {
      if constexpr (std::is_lvalue_reference_v<Command>) {
        queue_.push(here, shard, ShardCommand(command));
      } else {
        queue_.push(here, shard, std::move(command));
      }
      return true;
    } catch (const std::bad_alloc&) {
      queue_.release(shard, cost);
      if (cost == 0) throw;
    }
  }
  refuse(here, command);
  return false;
}

template <class Command>
bool ShardRouter::route_from(std::optional<std::size_t> here, std::size_t shard,
                             Command&& command) {
  if (here != shard) return enqueue(here, shard, std::forward<Command>(command));
  shards_[shard].receiver->execute(command);
  return true;
}

bool ShardRouter::route(std::size_t shard, ShardCommand&& command) {
  return route_from(current(), shard, std::move(command));
}

bool ShardRouter::route(const std::vector<std::size_t>& shards, ShardCommand command) {
  const auto here = current();
  bool accepted = true;
  for (const std::size_t& shard : shards) {
    const bool last = &shard == &shards.back();
    const bool routed = last ? route_from(here, shard, std::move(command))
                             : route_from(here, shard, std::as_const(command));
    if (!routed) accepted = false;
  }
  return accepted;
}

bool ShardRouter::charge(std::size_t shard, std::size_t bytes) {
  if (queue_.charge(shard, bytes)) return true;
  refused_.fetch_add(1, std::memory_order_relaxed);
  return false;
}

void ShardRouter::refuse(std::optional<std::size_t> from, const ShardCommand& command) {
  refused_.fetch_add(messages_of(command), std::memory_order_relaxed);
  if (PublishAggregator* aggregator = aggregator_of(command)) aggregator->cancel();
  if (from) shards_[*from].receiver->on_overload();
}

void ShardRouter::add_to(Stats& stats) const {
  stats.counters[static_cast<std::size_t>(Counter::dropped_overloaded)] +=
      refused_.load(std::memory_order_relaxed) + queue_.dropped();
}

}  // namespace wscast::server
