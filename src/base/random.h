#pragma once

#include <cstdint>
#include <span>

namespace wscast {

/// Source of unpredictable bytes. Passed in, so that tests can predict them. Any thread.
class Random {
 public:
  virtual ~Random() = default;

  /// Fills `out`. Throws std::runtime_error when the system provides no randomness.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// OpenSSL's generator, suitable for ids and keys.
Random& system_random() noexcept;

}  // namespace wscast
