#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "arguments.h"

namespace wscast::bench {

/// What a load measured in run(): messages, their latencies, and the CPU time
/// that the server's process used, to the nanosecond.
class Measurement {
 public:
  using Clock = std::chrono::steady_clock;

  /// Throws std::system_error when there is no process `server`.
  explicit Measurement(std::optional<pid_t> server);

  /// Measures while `work` runs and prints the result; with --on-request so again and again, each
  /// time that a line comes on stdin, until that ends.
  void run(const Arguments& arguments, const std::function<void()>& work);

  /// A message that was received now and sent at `sent`. Ignored outside run().
  void add(Clock::time_point sent) {
    if (running_) latencies_.push_back(nanoseconds_since(sent));
  }

 private:
  void measure(const std::function<void()>& work);
  std::string report(const Arguments& arguments);
  static std::uint32_t nanoseconds_since(Clock::time_point sent);
  std::chrono::nanoseconds server_time() const;
  double latency_us(double quantile);

  std::optional<clockid_t> server_clock_;
  std::vector<std::uint32_t> latencies_;
  Clock::duration lasted_{};
  std::chrono::nanoseconds server_used_{};
  bool running_ = false;
};

}  // namespace wscast::bench
