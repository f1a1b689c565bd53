#pragma once

#include <array>
#include <bitset>
#include <memory>
#include <vector>

#include "base/message_trace.h"
#include "ws/frame.h"
#include "ws/permessage_deflate.h"

namespace wscast::ws {

/// What few frames have; freed with the frame.
struct FrameRef::Extras {
  static constexpr std::size_t kWindows = kMaxWindowBits - kMinWindowBits + 1;

  // What FrameCompressor made of it, by the size of the window.
  std::array<FrameRef, kWindows> by_window;  ///< Empty: not asked for, or made in vain.
  std::bitset<kWindows> in_vain;             ///< No smaller than the plain frame.

  std::shared_ptr<MessageTrace> trace;  ///< As FrameOrigin::trace.
  std::vector<FrameRef> parts;          ///< As FrameRef::parts(); empty: not asked for.
};

}  // namespace wscast::ws
