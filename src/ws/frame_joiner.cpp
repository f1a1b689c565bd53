#include "ws/frame_joiner.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wscast::ws {

bool FrameJoiner::fits(std::size_t payload_size) const {
  const std::size_t most = kMostBytes - size_;
  return payload_size < most && encoded_size({.payload_size = payload_size}) + payload_size <= most;
}

std::span<char> FrameJoiner::add(Opcode opcode, std::size_t payload_size) {
  if (!bytes_) bytes_ = std::make_unique_for_overwrite<std::uint8_t[]>(kMostBytes);
  std::array<std::uint8_t, kMaxHeaderBytes> head;
  const std::size_t head_size = encode({.payload_size = payload_size, .opcode = opcode}, head);
  std::uint8_t* to = std::copy_n(head.begin(), head_size, bytes_.get() + size_);
  size_ += head_size + payload_size;
  payload_size_ += payload_size;
  ++messages_;
  return {reinterpret_cast<char*>(to), payload_size};
}

SharedFrame FrameJoiner::take() {
  const auto bytes = std::make_shared_for_overwrite<std::uint8_t[]>(size_);
  std::copy_n(bytes_.get(), size_, bytes.get());
  return {.bytes = bytes,
          .size = std::exchange(size_, 0),
          .payload_size = std::exchange(payload_size_, 0),
          .messages = std::exchange(messages_, std::uint16_t{0})};
}

}  // namespace wscast::ws
