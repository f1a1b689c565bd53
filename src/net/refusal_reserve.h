#pragma once

#include <atomic>
#include <cstddef>
#include <memory>

#include "net/admission.h"

namespace wscast::net {

/// Connections over a limit that are refused with 503 at the same time; further ones are closed
/// without a response. Any thread; outlives its admissions.
class RefusalReserve {
 public:
  /// Returns null when too many are being refused already.
  std::unique_ptr<Admission> admit();

  /// Connections that are being refused now.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }

 private:
  class RefusalAdmission;

  std::atomic<std::size_t> count_{0};
};

}  // namespace wscast::net
