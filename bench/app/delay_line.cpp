#include "delay_line.h"

#include <utility>

namespace wscast::bench {

DelayLine::DelayLine(std::chrono::milliseconds delay) : delay_(delay), thread_([this] { run(); }) {}

DelayLine::~DelayLine() {
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void DelayLine::later(std::function<void()> task) {
  {
    const std::lock_guard lock(mutex_);
    entries_.push_back({Clock::now() + delay_, std::move(task)});
  }
  changed_.notify_one();
}

void DelayLine::run() {
  std::unique_lock lock(mutex_);
  while (!ended_) {
    if (entries_.empty()) {
      changed_.wait(lock);
    } else if (const auto due = entries_.front().due; Clock::now() < due) {
      changed_.wait_until(lock, due);
    } else {
      const std::function<void()> task = std::move(entries_.front().task);
      entries_.pop_front();
      lock.unlock();
      task();
      lock.lock();
    }
  }
}

}  // namespace wscast::bench
