#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace wscast::program {

struct CircuitBreakerOptions {
  std::size_t failures = 5;  ///< So many in a row open it. At least 1.
  std::chrono::milliseconds open_for{
      10'000};  ///< Then one request is let through, to try. At most 1 h.

  /// Everything wrong with the options, each beginning with the field's name.
  std::vector<std::string> validate() const;
};

/// Spares a service that fails, and those who wait for it: after some failures in a row requests
/// are refused for a while, then one is let through; its success lets all through again, its
/// failure refuses for as long again. One thread at a time; the clock is passed in.
class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  /// What a result changed.
  enum class Change : std::uint8_t { none, opened, closed };

  explicit CircuitBreaker(const CircuitBreakerOptions& options) : options_(options) {}

  /// Whether a request may be made now. Its result must then be reported, by one of those below.
  bool allow(Time now);

  Change succeeded();

  /// A failure of a request that was made before it opened changes nothing.
  Change failed(Time now);

  /// The request was given up for a reason that says nothing about the service.
  void abandoned();

 private:
  enum class State : std::uint8_t { closed, open, trying };

  CircuitBreakerOptions options_;
  State state_ = State::closed;
  std::size_t failures_ = 0;
  Time opened_at_{};
};

}  // namespace wscast::program
