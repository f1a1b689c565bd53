#include "base/clock.h"

namespace wscast {
namespace {

class SystemClock final : public Clock {
 public:
  SteadyTime now() const noexcept override { return std::chrono::steady_clock::now(); }
  WallTime wall() const noexcept override { return std::chrono::system_clock::now(); }
};

}  // namespace

const Clock& system_clock() noexcept {
  // Never destroyed: static objects use it while the program exits.
  static const SystemClock& clock = *new SystemClock;
  return clock;
}

}  // namespace wscast
