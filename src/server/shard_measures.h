#pragma once

#include <array>
#include <cstdint>

#include "wscast/measurements.h"

#include "base/histogram.h"
#include "server/hook_times.h"

namespace wscast::server {

inline constexpr auto kFanOutBounds = std::to_array<std::uint64_t>(
    {0, 1, 2, 5, 10, 25, 50, 100, 250, 500, 1'000, 2'500, 5'000, 10'000, 25'000, 100'000});

/// How many clients messages went to.
class FanOutSizes : public Histogram<kFanOutBounds.size()> {
 public:
  FanOutSizes() : Histogram(kFanOutBounds) {}
};

/// What the application of one shard measures, if ServerOptions::measure is set. Written by the
/// shard's thread only.
struct ShardMeasures {
  /// Any thread.
  void add_to(Measurements& all) const {
    hook_times.add_to(all.hooks);
    fan_out.add_to(all.fan_out);
  }

  HookTimes hook_times;
  FanOutSizes fan_out;
};

}  // namespace wscast::server
