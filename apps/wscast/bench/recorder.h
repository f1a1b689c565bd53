#pragma once

#include <chrono>
#include <cstdint>

#include "bench/latency_histogram.h"

namespace wscast::program {

/// Counts what a load sends and receives while it is measured, and nothing meanwhile. One thread.
class Recorder {
 public:
  using Clock = std::chrono::steady_clock;

  void start() {
    *this = {};
    running_ = true;
  }
  void stop() { running_ = false; }

  /// A message that was due, or sent, at `since` has arrived.
  void received(Clock::time_point since, Clock::time_point now) {
    if (running_) latencies_.add(now - since);
  }

  /// A message that was due at `due` is sent now.
  void sent(Clock::time_point due, Clock::time_point now) {
    constexpr std::chrono::milliseconds kLate{10};
    if (!running_) return;
    ++sent_;
    if (now - due > kLate) ++late_;
  }

  void lost(std::uint64_t messages) {
    if (running_) lost_ += messages;
  }
  void noticed() {
    if (running_) ++notices_;
  }

  const LatencyHistogram& latencies() const { return latencies_; }
  std::uint64_t sent_count() const { return sent_; }
  std::uint64_t late_count() const { return late_; }
  std::uint64_t lost_count() const { return lost_; }
  std::uint64_t notice_count() const { return notices_; }

 private:
  LatencyHistogram latencies_;
  std::uint64_t sent_ = 0;
  std::uint64_t late_ = 0;
  std::uint64_t lost_ = 0;
  std::uint64_t notices_ = 0;
  bool running_ = false;
};

}  // namespace wscast::program
