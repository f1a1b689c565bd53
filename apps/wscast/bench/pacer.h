#pragma once

#include <chrono>
#include <cstdint>

namespace wscast::program {

/// The moments at which messages of an even rate are due. A message that is sent late does not
/// delay those behind it, so latencies that count from these moments show every pause of a server,
/// also to messages that would not have been sent meanwhile (coordinated omission).
class Pacer {
 public:
  using Clock = std::chrono::steady_clock;

  /// `rate`: messages a second, at least 1. The first one is due at `begin`.
  Pacer(std::uint64_t rate, Clock::time_point begin) : rate_(rate), begin_(begin) {}

  /// When the next message is due. Exact, however many came before.
  Clock::time_point due() const {
    constexpr std::uint64_t kSecond = 1'000'000'000;
    const auto rest = std::chrono::nanoseconds(count_ % rate_ * kSecond / rate_);
    return begin_ + std::chrono::seconds(count_ / rate_) + rest;
  }

  /// That one was sent.
  void advance() { ++count_; }

 private:
  std::uint64_t rate_;
  Clock::time_point begin_;
  std::uint64_t count_ = 0;
};

}  // namespace wscast::program
