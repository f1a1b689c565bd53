#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "api/http_exchange.h"

namespace wscast::program {

class HttpConnection;

/// Responses on their way to the thread of their connections, which takes all that are there at
/// once. Any thread.
class ResponseQueue {
 public:
  struct Entry {
    std::weak_ptr<HttpConnection> connection;
    ApiResponse response;
  };

  /// True: take_all() is to be called, since that was not said yet of what waits.
  bool push(Entry entry) {
    const std::lock_guard lock(mutex_);
    waiting_.push_back(std::move(entry));
    return !std::exchange(announced_, true);
  }

  /// It could not be called: the next push() returns true.
  void forget_call() {
    const std::lock_guard lock(mutex_);
    announced_ = false;
  }

  /// Swaps what waits with `taken`, which is empty.
  void take_all(std::vector<Entry>& taken) {
    const std::lock_guard lock(mutex_);
    announced_ = false;
    waiting_.swap(taken);
  }

 private:
  std::mutex mutex_;
  std::vector<Entry> waiting_;
  bool announced_ = false;
};

}  // namespace wscast::program
