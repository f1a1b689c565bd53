#include "http_client/backoff.h"

#include <algorithm>

namespace wscast::program {

Backoff::Duration Backoff::next(double random) {
  Duration full = std::min(first_, longest_);
  for (std::size_t i = 0; i < failures_ && full < longest_; ++i) {
    full = std::min(2 * full, longest_);
  }
  ++failures_;
  return std::chrono::duration_cast<Duration>(full * (0.5 + 0.5 * random));
}

}  // namespace wscast::program
