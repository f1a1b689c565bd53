#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "ws/frame_header.h"

namespace wscast::client {

/// Encodes a client's frames, each masked with a key of its own (RFC 6455 section 5.3). Draws
/// randomness for many keys at once. One thread at a time; `random` must outlive it.
class FrameMasker {
 public:
  explicit FrameMasker(Random& random) : random_(random) {}

  /// Appends a frame with the opcode, fin and rsv of `header` to `out`.
  void append(std::string& out, ws::FrameHeader header, std::string_view payload);

 private:
  ws::MaskKey next_key();

  Random& random_;
  std::array<std::uint8_t, 4096> pool_{};
  std::size_t pool_at_ = pool_.size();
};

}  // namespace wscast::client
