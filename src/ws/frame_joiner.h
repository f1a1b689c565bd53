#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "ws/frame.h"

namespace wscast::ws {

/// Puts the frames of messages to the same receivers side by side, so that they are routed, queued
/// and sent as one. One thread at a time.
class FrameJoiner {
 public:
  /// Of one SharedFrame.
  static constexpr std::size_t kMostBytes = 16 * 1024;

  bool empty() const { return messages_ == 0; }

  /// Whether add() has room for a payload of this size. When empty() it depends on the size only.
  bool fits(std::size_t payload_size) const;

  /// Adds a message, whose payload the caller writes in place; call it only if that fits. Throws
  /// std::bad_alloc.
  std::span<char> add(Opcode opcode, std::size_t payload_size);

  /// Takes what was added. Throws std::bad_alloc: it stays.
  SharedFrame take();

 private:
  std::unique_ptr<std::uint8_t[]> bytes_;  ///< Null until the first message.
  std::size_t size_ = 0;
  std::size_t payload_size_ = 0;
  std::uint16_t messages_ = 0;
};

}  // namespace wscast::ws
