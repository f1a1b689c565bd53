#pragma once

#include <array>
#include <cstdint>
#include <cstring>

#include "base/random.h"

namespace wscast::redis {

/// A number from 0 to `count` - 1, uniform but for a 2^-40th.
inline std::uint64_t random_below(Random& random, std::uint64_t count) {
  std::array<std::uint8_t, sizeof(std::uint64_t)> bytes;
  random.fill(bytes);
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data(), sizeof number);
  return number % count;
}

}  // namespace wscast::redis
