#include "loss_report.h"

#include <utility>

namespace wscast::program {

std::uint64_t LossReport::take(std::uint64_t total, Time now) {
  due_.reset();
  if (total == reported_) return 0;
  if (not_before_ && now < *not_before_) {
    due_ = not_before_;
    return 0;
  }
  not_before_ = now + kInterval;
  return take_rest(total);
}

std::uint64_t LossReport::take_rest(std::uint64_t total) {
  return total - std::exchange(reported_, total);
}

}  // namespace wscast::program
