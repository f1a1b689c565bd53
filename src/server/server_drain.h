#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "server/shard_drain.h"
#include "server/shard_executor.h"

namespace wscast::server {

/// Closes the clients of all shards evenly over a time (protocol.md X7). The thread that stops the
/// server runs it, once; cancel() is any thread's.
class ServerDrain {
 public:
  struct Shard {
    ShardExecutor* executor;
    ShardDrain* drain;
  };

  /// Call it once, before the shards run; they must outlive the last task of theirs.
  void connect(std::vector<Shard> shards) { shards_ = std::move(shards); }

  /// Waits as long as `duration`. Returns false when cancel() was called, which ends the waiting.
  bool pause(std::chrono::milliseconds duration);

  /// Returns when the last client is closed, which takes `time` unless a shard is too busy, or
  /// after `longest`, or when cancel() is called. Throws std::bad_alloc: not all clients are
  /// concerned.
  void run(std::chrono::milliseconds time, std::chrono::milliseconds longest);

  void cancel();

 private:
  template <class Task>
  void on_each_shard(Task task);
  void begin(std::size_t shard) noexcept;
  void start(std::size_t shard, const DrainShare& share) noexcept;
  void on_done() noexcept;
  bool await_all(const std::size_t& count, std::chrono::milliseconds longest);

  std::vector<Shard> shards_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
  std::size_t begun_ = 0;             ///< So many shards have counted their clients.
  std::size_t done_ = 0;              ///< So many have closed them.
  std::vector<std::size_t> clients_;  ///< Of each shard.
};

}  // namespace wscast::server
