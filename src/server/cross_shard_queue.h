#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "server/shard_command.h"
#include "server/shard_executor.h"
#include "server/shard_receiver.h"

namespace wscast::server {

/// A shard as the router and its queues know it.
struct ShardPort {
  ShardExecutor* executor;
  ShardReceiver* receiver;
};

/// Commands on their way between shards, in order per sender. Those of a shard gather in one batch
/// per receiving shard until flush(), once per loop iteration; those of other threads are posted at
/// once, unless the thread has a Gathering. What waits for a shard is limited in bytes.
class CrossShardQueue {
  using Batch = std::vector<ShardCommand>;

 public:
  /// While it lives, messages of its thread gather, and are posted when it ends, or when many have
  /// gathered, in one batch per receiving shard. Within another one of the queue it does nothing.
  class Gathering {
   public:
    explicit Gathering(CrossShardQueue& queue);
    ~Gathering();
    Gathering(const Gathering&) = delete;
    Gathering& operator=(const Gathering&) = delete;

   private:
    friend class CrossShardQueue;

    /// This thread's for `queue`; null: it has none.
    static Gathering* of(const CrossShardQueue& queue);

    CrossShardQueue* const queue_;  ///< Null: it does nothing.
    Gathering* const outer_;        ///< The one before it on this thread.
    std::vector<Batch> batches_;    ///< By receiving shard.
  };

  explicit CrossShardQueue(std::size_t max_bytes_per_shard)
      : max_bytes_per_shard_(max_bytes_per_shard) {}

  /// Call it once, before the shards run.
  void connect(std::vector<ShardPort> shards);

  /// Reserves room for `bytes` in the queue of shard `to`, until release(). False: it is full.
  /// 0 bytes always have room. Any thread.
  bool charge(std::size_t to, std::size_t bytes);
  void release(std::size_t to, std::size_t bytes) noexcept;

  /// Takes a command for which charge(to, cost_of(command)) returned true; releases that when the
  /// command has been executed. `from` is the calling thread's shard, if it is one. Throws
  /// std::bad_alloc: `command` is as it was.
  void push(std::optional<std::size_t> from, std::size_t to, ShardCommand&& command);

  /// Posts the batches of shard `from`, on its thread, at the end of its iteration. One that cannot
  /// be posted for want of memory is tried again in the next.
  void flush(std::size_t from) noexcept;

  /// Bytes that wait for shard `to`. Any thread.
  std::size_t bytes(std::size_t to) const {
    return waiting_[to]->bytes.load(std::memory_order_relaxed);
  }

  /// Whether no shard's queue is more than half full. Any thread.
  bool has_room() const;

  /// Messages that had gathered, and were then dropped for want of memory. Any thread.
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }

 private:
  struct Waiting {
    std::atomic<std::size_t> bytes{0};
  };

  void post(std::size_t to, Batch& batch);
  void post_gathered(std::size_t to, Batch& batch) noexcept;

  const std::size_t max_bytes_per_shard_;
  std::vector<ShardPort> shards_;
  std::vector<std::unique_ptr<Waiting>> waiting_;  ///< By receiving shard.
  std::vector<std::vector<Batch>> batches_;        ///< By sending, then by receiving shard.
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace wscast::server
