#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace wscast::bench {

/// Runs what it is given on a thread of its own, each task the same time later, in order. Any
/// thread. Tasks that are not due when it is destroyed never run.
class DelayLine {
 public:
  explicit DelayLine(std::chrono::milliseconds delay);
  ~DelayLine();

  DelayLine(const DelayLine&) = delete;
  DelayLine& operator=(const DelayLine&) = delete;

  void later(std::function<void()> task);

 private:
  using Clock = std::chrono::steady_clock;

  struct Entry {
    Clock::time_point due;
    std::function<void()> task;
  };

  void run();

  const std::chrono::milliseconds delay_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Entry> entries_;
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace wscast::bench
