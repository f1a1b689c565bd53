#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "wscast/measurements.h"

#include "base/time_histogram.h"

namespace wscast::server {

/// The application's hooks, for log lines and measurements.
enum class HookName : std::uint8_t {
  authenticate,
  handshake,
  validate_rooms,
  connected,
  disconnected,
  joined,
  left,
  room_occupied,
  room_vacated,
  message,
  outbound_transformer,
  server_call,
  on_result,
  count_,
};

inline constexpr auto kHooks = static_cast<std::size_t>(HookName::count_);

std::string_view to_string(HookName name);

/// How long the hooks of one shard took. Written by the shard's thread only.
class HookTimes {
 public:
  void add(HookName name, SteadyTime begin, SteadyTime end) noexcept {
    times_[static_cast<std::size_t>(name)].add_time(begin, end);
  }

  /// Adds these to `all`, which has an entry for each hook, or none yet. Any thread.
  void add_to(std::vector<HookTime>& all) const;

 private:
  std::array<TimeHistogram, kHooks> times_;
};

}  // namespace wscast::server
