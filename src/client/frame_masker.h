#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/random.h"
#include "ws/frame_header.h"

namespace wscast::client {

/// Makes a client's frames: masked, each with a key of its own (RFC 6455 section 5.3). Draws its
/// randomness for many keys at once. One thread at a time; `random` must outlive it.
class FrameMasker {
 public:
  explicit FrameMasker(Random& random) : random_(random) {}

  /// Appends the frame of `header`'s opcode, fin and rsv to `out`.
  void append(std::string& out, ws::FrameHeader header, std::string_view payload);

 private:
  ws::MaskKey next_key();

  Random& random_;
  std::array<std::uint8_t, 4096> pool_{};
  std::size_t pool_at_ = pool_.size();
};

}  // namespace wscast::client
