#include "base/random.h"

#include <stdexcept>

#include <openssl/rand.h>

namespace wscast {
namespace {

class SystemRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> out) override {
    if (RAND_bytes(out.data(), static_cast<int>(out.size())) != 1) {
      throw std::runtime_error("no random bytes from the system");
    }
  }
};

}  // namespace

Random& system_random() noexcept {
  // Never destroyed: static objects use it while the program exits.
  static SystemRandom& random = *new SystemRandom;
  return random;
}

}  // namespace wscast
