#pragma once

#include <cstdint>
#include <span>

namespace wscast {

/// Where unpredictable bytes come from. Passed in, so that tests can foresee them. Any thread.
class Random {
 public:
  virtual ~Random() = default;

  /// Fills `out`. Throws std::runtime_error when the system has no randomness to give.
  virtual void fill(std::span<std::uint8_t> out) = 0;
};

/// OpenSSL's generator, fit for ids and keys.
Random& system_random() noexcept;

}  // namespace wscast
