#pragma once

#include <array>

#include "base/client_id.h"

namespace wscast::fuzz {

/// The same ids in each run.
inline std::array<ClientId, 3> make_ids() {
  class Counting final : public Random {
   public:
    void fill(std::span<std::uint8_t> bytes) override {
      for (auto& byte : bytes) byte = ++last_;
    }

   private:
    std::uint8_t last_ = 0;
  } random;
  return {ClientId::generate(random), ClientId::generate(random), ClientId::generate(random)};
}

inline const std::array<ClientId, 3> kIds = make_ids();

}  // namespace wscast::fuzz
