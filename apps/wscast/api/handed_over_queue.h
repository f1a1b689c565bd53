#pragma once

#include <cstddef>
#include <mutex>
#include <utility>
#include <vector>

#include "wscast/handed_over_connection.h"

namespace wscast::program {

/// Connections on their way from the port of clients to the HttpServer. Any thread.
class HandedOverQueue {
 public:
  /// One more than `max_waiting`, and any after close(), is closed. Returns whether it waits.
  bool push(HandedOverConnection connection, std::size_t max_waiting) {
    const std::lock_guard lock(mutex_);
    if (closed_ || waiting_.size() >= max_waiting) return false;
    waiting_.push_back(std::move(connection));
    return true;
  }

  std::vector<HandedOverConnection> take_all() {
    const std::lock_guard lock(mutex_);
    return std::exchange(waiting_, {});
  }

  /// Closes all that wait.
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  std::vector<HandedOverConnection> waiting_;
  bool closed_ = false;
};

}  // namespace wscast::program
