#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/stats.h"

#include "server/cross_shard_queue.h"
#include "server/shard_command.h"
#include "server/shard_receiver.h"

namespace wscast::server {

/// Why ShardRouter::route() refused a message, for people.
inline constexpr std::string_view kInboxFull = "too much waits for its thread: max_inbox_bytes";

/// The only way to a shard. A command for the calling thread's own shard is executed inside the
/// call; one for another shard is queued. A message that finds that queue full is refused: this
/// counts it, cancels its aggregator and reports the overload to the calling thread's shard. Any
/// thread, unless noted.
class ShardRouter {
 public:
  /// Returns the calling thread's shard; nothing on other threads.
  using CurrentShard = std::function<std::optional<std::size_t>()>;

  /// `max_bytes_per_shard`: what may wait for one shard.
  ShardRouter(std::size_t max_bytes_per_shard, CurrentShard current_shard)
      : queue_(max_bytes_per_shard), current_shard_(std::move(current_shard)) {}

  /// Call it once, before the shards run; they must outlive the last call.
  void connect(const std::vector<ShardPort>& shards);

  /// False: the command was refused, since there is no room, or no memory. Only messages can be
  /// (cost_of); for others it throws std::bad_alloc, and nothing has happened.
  bool route(std::size_t shard, ShardCommand&& command);

  /// The same for several shards, in this order. False: at least one of them refused it. After a
  /// throw some of them may have the command.
  bool route(const std::vector<std::size_t>& shards, ShardCommand command);

  /// Reserves room for bytes that travel to a shard by another way, until release(). False: its
  /// queue is full, which is counted as a refusal.
  bool charge(std::size_t shard, std::size_t bytes);
  void release(std::size_t shard, std::size_t bytes) { queue_.release(shard, bytes); }

  std::optional<std::size_t> current() const { return current_shard_(); }

  /// The receiver of `shard` if this is its thread, else null.
  ShardReceiver* local(std::size_t shard) const {
    return current() == shard ? shards_[shard].receiver : nullptr;
  }

  /// The indices of all shards.
  const std::vector<std::size_t>& all_shards() const { return all_; }

  /// Hands over what shard `from` has routed to others. On its thread, at the end of its iteration.
  void flush(std::size_t from) noexcept { queue_.flush(from); }

  /// Runs `calls`, whose messages from this thread gather; see CrossShardQueue::Gathering.
  void gather(const std::function<void()>& calls) {
    const CrossShardQueue::Gathering gathering(queue_);
    calls();
  }

  /// Bytes that wait for `shard`.
  std::size_t queued_bytes(std::size_t shard) const { return queue_.bytes(shard); }

  /// Whether no shard's queue is more than half full.
  bool has_room() const { return queue_.has_room(); }

  /// Adds what was refused.
  void add_to(Stats& stats) const;

 private:
  /// Copies or moves `command` only into the queue.
  template <class Command>
  bool route_from(std::optional<std::size_t> here, std::size_t shard, Command&& command);
  template <class Command>
  bool enqueue(std::optional<std::size_t> here, std::size_t shard, Command&& command);
  void refuse(std::optional<std::size_t> from, const ShardCommand& command);

  CrossShardQueue queue_;
  const CurrentShard current_shard_;
  std::vector<ShardPort> shards_;
  std::vector<std::size_t> all_;
  std::atomic<std::uint64_t> refused_{0};
};

}  // namespace wscast::server
