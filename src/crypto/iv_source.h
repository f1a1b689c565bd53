#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

#include "base/random.h"
#include "crypto/aes_gcm.h"

namespace wscast::crypto {

/// Random IVs, generated in batches: IVs are not secret, and one call for each would cost more than
/// the encryption itself. One thread.
class IvSource {
 public:
  explicit IvSource(Random& random) : random_(random) {}

  /// Throws what Random::fill throws.
  Iv next() {
    if (used_ == pool_.size()) {
      random_.fill(pool_);
      used_ = 0;
    }
    Iv iv;
    std::copy_n(pool_.begin() + used_, kIvBytes, iv.begin());
    used_ += kIvBytes;
    return iv;
  }

 private:
  Random& random_;
  std::array<std::uint8_t, 256 * kIvBytes> pool_;
  std::size_t used_ = pool_.size();
};

}  // namespace wscast::crypto
