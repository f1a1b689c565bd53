#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "server/shard_executor.h"

namespace wscast::server {

/// A handle to a shard's executor that may outlive it: for results of hooks, which may come after
/// the shard is gone. Any thread.
class ShardExecutorHandle {
 public:
  explicit ShardExecutorHandle(ShardExecutor& executor) : executor_(&executor) {}

  /// Runs `task` on the shard's thread; drops it after close().
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (executor_ != nullptr) executor_->post(std::move(task));
  }

  /// Call it before the executor is destroyed.
  void close() {
    const std::lock_guard lock(mutex_);
    executor_ = nullptr;
  }

 private:
  std::mutex mutex_;
  ShardExecutor* executor_;  ///< Null after close().
};

}  // namespace wscast::server
