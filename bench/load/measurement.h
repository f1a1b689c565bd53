#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace wscast::bench {

/// What a load measured between begin() and end(): messages, their latencies, and the CPU time
/// that the server's process used, to the nanosecond.
class Measurement {
 public:
  using Clock = std::chrono::steady_clock;

  /// Throws std::system_error when there is no process `server`.
  explicit Measurement(std::optional<pid_t> server);

  void begin();
  void end();

  /// A message that was received now and sent at `sent`. Ignored before begin().
  void add(Clock::time_point sent) {
    if (running_) latencies_.push_back(nanoseconds_since(sent));
  }

  bool running() const { return running_; }
  Clock::duration elapsed() const { return Clock::now() - begun_; }

  /// One line of JSON, `lead` being the first fields.
  std::string report(const std::string& lead);

 private:
  static std::uint32_t nanoseconds_since(Clock::time_point sent);
  std::chrono::nanoseconds server_time() const;
  double latency_us(double quantile);

  std::optional<clockid_t> server_clock_;
  std::vector<std::uint32_t> latencies_;
  Clock::time_point begun_;
  Clock::duration lasted_{};
  std::chrono::nanoseconds server_used_{};
  bool running_ = false;
};

}  // namespace wscast::bench
