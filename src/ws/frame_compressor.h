#pragma once

#include <array>
#include <memory>

#include "wscast/options.h"

#include "base/counters.h"
#include "ws/deflater.h"
#include "ws/frame.h"
#include "ws/permessage_deflate.h"

namespace wscast::ws {

/// Makes the compressed forms of a shard's frames (RFC 7692 section 7.2.1): one for each frame and
/// size of window, when the first receiver with such a window asks, and kept beside the frame for
/// all others. Has a deflater for each size in use, and no state of any connection. Shard thread
/// only; `options` and `counters` must outlive it.
class FrameCompressor {
 public:
  FrameCompressor(const DeflateOptions& options, Counters& counters)
      : options_(options), counters_(counters) {}

  /// Returns what to send instead of `frame`, a whole text or binary message, to a peer that
  /// inflates with a window of 2^`window_bits` bytes, 9 to 15: its compressed form, or `frame`
  /// itself when it is below the threshold, forbids compression, or would not become smaller.
  const FrameRef& form_of(const FrameRef& frame, std::uint8_t window_bits);

 private:
  static constexpr std::size_t kWindows = kMaxWindowBits - kMinWindowBits + 1;

  FrameRef compress(const FrameRef& frame, std::size_t window);
  Deflater& deflater(std::size_t window);

  const DeflateOptions& options_;
  Counters& counters_;
  std::array<std::unique_ptr<Deflater>, kWindows> deflaters_;
};

}  // namespace wscast::ws
