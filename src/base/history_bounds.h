#pragma once

#include <chrono>
#include <cstddef>

#include "wscast/history.h"

namespace wscast {

inline constexpr std::size_t kMaxHistorySize = 100'000;
inline constexpr std::chrono::milliseconds kMinHistoryTtl = std::chrono::seconds(1);
inline constexpr std::chrono::milliseconds kMaxHistoryTtl = std::chrono::hours(24 * 30);

/// Of a message that is published once (protocol.md H10).
inline constexpr std::size_t kMaxHistoryKeyBytes = 128;

inline bool is_valid_history_size(const HistoryLimits& limits) {
  return limits.size >= 1 && limits.size <= kMaxHistorySize;
}

inline bool is_valid_history_ttl(const HistoryLimits& limits) {
  return limits.ttl >= kMinHistoryTtl && limits.ttl <= kMaxHistoryTtl;
}

}  // namespace wscast
