#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>

#include "base/random.h"

namespace wscast {

/// Hands out 0, 1, 2, ... as big-endian numbers of four bytes, one after the other; or fails.
class FakeRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    ++calls;
    if (fails) throw std::runtime_error("no randomness");
    for (auto& byte : out) {
      byte = static_cast<std::uint8_t>(written_ / 4 >> (8 * (3 - written_ % 4)));
      ++written_;
    }
  }

  bool fails = false;
  int calls = 0;

 private:
  std::uint64_t written_ = 0;
};

}  // namespace wscast
