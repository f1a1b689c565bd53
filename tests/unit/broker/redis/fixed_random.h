#pragma once

#include <algorithm>
#include <cstdint>
#include <span>

#include "base/random.h"

namespace wscast::redis {

/// Always the same number.
class FixedRandom : public Random {
 public:
  explicit FixedRandom(std::uint8_t first) : number(first) {}

  void fill(std::span<std::uint8_t> out) override {
    std::ranges::fill(out, std::uint8_t{0});
    out.front() = number;
  }

  std::uint8_t number;
};

}  // namespace wscast::redis
