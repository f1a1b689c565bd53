#pragma once

#include <atomic>
#include <cstddef>
#include <mutex>
#include <optional>

#include "base/clock.h"

namespace wscast::net {

/// Counts the TLS handshakes under way on all listeners of a server. Any thread.
class HandshakeLimit {
 public:
  explicit HandshakeLimit(const Clock& clock) : clock_(clock) {}

  /// Counts one more, until end(). False, and logged at most once a minute: there are `most`.
  bool begin(std::size_t most);
  void end() { under_way_.fetch_sub(1, std::memory_order_relaxed); }

  std::size_t under_way() const { return under_way_.load(std::memory_order_relaxed); }

 private:
  void note_refusal(std::size_t most);

  const Clock& clock_;
  std::atomic<std::size_t> under_way_{0};
  std::mutex mutex_;
  std::optional<SteadyTime> logged_;
};

}  // namespace wscast::net
