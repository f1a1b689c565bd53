#pragma once

#include <cstdint>
#include <cstdlib>

namespace wscast::faults {

/// Of a sweep that would take minutes, every so many faults are tried: `usual`, or as many as the
/// environment's WSCAST_FAULT_STRIDE says (1: all).
inline std::uint64_t stride_of(std::uint64_t usual) {
  const char* wish = std::getenv("WSCAST_FAULT_STRIDE");
  const std::uint64_t wished = wish == nullptr ? 0 : std::strtoull(wish, nullptr, 10);
  return wished == 0 ? usual : wished;
}

}  // namespace wscast::faults
