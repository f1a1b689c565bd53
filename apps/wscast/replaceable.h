#pragma once

#include <memory>
#include <mutex>
#include <utility>

namespace wscast::program {

/// An immutable value that may be replaced while others use it. Any thread.
template <class T>
class Replaceable {
 public:
  std::shared_ptr<const T> get() const {
    const std::lock_guard lock(mutex_);
    return value_;
  }

  void set(std::shared_ptr<const T> value) {
    const std::lock_guard lock(mutex_);
    value_.swap(value);  // The former one is destroyed without the lock.
  }

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<const T> value_;
};

}  // namespace wscast::program
