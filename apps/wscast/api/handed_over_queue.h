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
  static constexpr std::size_t kMaxWaiting = 4'096;  ///< As in the backlog of a listener.

  /// Refuses one more than kMaxWaiting, and any after close(). Returns whether it waits. Only in
  /// HttpHandover::take.
  bool push(HandedOverConnection connection) {
    if (add(connection)) return true;
    connection.refuse();
    return false;
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
  bool add(HandedOverConnection& connection) {
    const std::lock_guard lock(mutex_);
    if (closed_ || waiting_.size() >= kMaxWaiting) return false;
    waiting_.push_back(std::move(connection));
    return true;
  }

  std::mutex mutex_;
  std::vector<HandedOverConnection> waiting_;
  bool closed_ = false;
};

}  // namespace wscast::program
