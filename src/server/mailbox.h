#pragma once

#include <functional>
#include <mutex>
#include <utility>

#include "net/shard.h"

namespace wscast::server {

/// The way back to a shard's thread for answers that may come when the shard is gone. Any thread.
class Mailbox {
 public:
  explicit Mailbox(net::Shard& shard) : shard_(&shard) {}

  /// Runs `task` on the shard's thread; drops it when there is no shard any more.
  void post(std::function<void()> task) {
    const std::lock_guard lock(mutex_);
    if (shard_ != nullptr) shard_->post(std::move(task));
  }

  void close() {
    const std::lock_guard lock(mutex_);
    shard_ = nullptr;
  }

 private:
  std::mutex mutex_;
  net::Shard* shard_;
};

}  // namespace wscast::server
