#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <new>
#include <utility>

#include "server/shard_executor.h"

namespace wscast::server {

/// A task that comes with the memory for its way to a shard.
class LateTask {
 public:
  virtual ~LateTask() = default;
  virtual void run() noexcept = 0;

 private:
  friend class ShardExecutorHandle;
  std::shared_ptr<LateTask> next_;
};

/// A handle to a shard's executor that may outlive it: for results of hooks, which may come after
/// the shard is gone. Any thread, unless noted.
class ShardExecutorHandle : public std::enable_shared_from_this<ShardExecutorHandle> {
 public:
  explicit ShardExecutorHandle(ShardExecutor& executor) : executor_(&executor) {}
  ~ShardExecutorHandle() { close(); }
  ShardExecutorHandle(const ShardExecutorHandle&) = delete;
  ShardExecutorHandle& operator=(const ShardExecutorHandle&) = delete;

  /// Runs `task` on the shard's thread, in order; drops it after close(). When there is no memory
  /// to announce it, it waits for the next one that can be, or for run_stranded().
  void post(std::shared_ptr<LateTask> task) noexcept {
    const std::lock_guard lock(mutex_);
    if (executor_ == nullptr) return;
    LateTask* const added = task.get();
    (last_ == nullptr ? first_ : last_->next_) = std::move(task);
    last_ = added;
    if (!announced_) announce();
  }

  /// Runs what could not be announced. Shard thread only.
  void run_stranded() noexcept {
    if (stranded_.load(std::memory_order_relaxed)) run_all();
  }

  /// Call it before the executor is destroyed.
  void close() noexcept {
    std::shared_ptr<LateTask> dropped;
    {
      const std::lock_guard lock(mutex_);
      executor_ = nullptr;
      dropped = take_all();
    }
    while (dropped) dropped = std::move(dropped->next_);
  }

 private:
  /// Under the lock.
  void announce() noexcept {
    try {
      executor_->post([handle = shared_from_this()] { handle->run_all(); });
      announced_ = true;
    } catch (const std::bad_alloc&) {
      stranded_.store(true, std::memory_order_relaxed);
    }
  }

  /// Under the lock.
  std::shared_ptr<LateTask> take_all() noexcept {
    announced_ = false;
    stranded_.store(false, std::memory_order_relaxed);
    last_ = nullptr;
    return std::exchange(first_, nullptr);
  }

  void run_all() noexcept {
    std::shared_ptr<LateTask> task;
    {
      const std::lock_guard lock(mutex_);
      task = take_all();
    }
    while (task) {
      task->run();
      task = std::move(task->next_);
    }
  }

  std::mutex mutex_;
  ShardExecutor* executor_;          ///< Null after close().
  std::shared_ptr<LateTask> first_;  ///< Those that wait, as a list.
  LateTask* last_ = nullptr;
  bool announced_ = false;
  std::atomic<bool> stranded_{false};
};

}  // namespace wscast::server
