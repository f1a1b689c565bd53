#pragma once

#include <array>
#include <bitset>

#include "ws/frame.h"
#include "ws/permessage_deflate.h"

namespace wscast::ws {

/// What FrameCompressor made of one frame, by the size of the window; freed with the frame.
struct FrameRef::CompressedForms {
  static constexpr std::size_t kWindows = kMaxWindowBits - kMinWindowBits + 1;

  std::array<FrameRef, kWindows> by_window;  ///< Empty: not asked for, or made in vain.
  std::bitset<kWindows> in_vain;             ///< No smaller than the plain frame.
};

}  // namespace wscast::ws
