#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "ws/close_code.h"
#include "ws/frame_header.h"

namespace wscast {

class MessageTrace;

namespace ws {

/// Where the message of a frame comes from, for who measures or follows it.
struct FrameOrigin {
  /// When the server took the message; SteadyTime{}: it is not measured.
  SteadyTime taken{};

  std::shared_ptr<MessageTrace> trace{};  ///< Null: it is not followed.
};

/// FrameOrigin::taken of a message that comes now. `clock`: null if nothing is measured.
inline SteadyTime time_taken(const Clock* clock) {
  return clock == nullptr ? SteadyTime{} : clock->now();
}

/// Bytes ready for the wire, encoded once for any number of receivers. Immutable; any thread. Its
/// reference count is atomic: keep one per shard, and share a FrameRef inside the shard.
struct SharedFrame {
  std::shared_ptr<const std::uint8_t[]> bytes;
  std::size_t size = 0;
  std::size_t payload_size = 0;

  /// How many messages it has, side by side, each in a frame of its own (FrameJoiner).
  std::uint16_t messages = 1;
};

/// Counted reference to wire bytes inside one shard. The count is plain: shard thread only.
class FrameRef {
 public:
  FrameRef() = default;
  FrameRef(const FrameRef& other) noexcept : block_(other.block_) {
    if (block_ != nullptr) ++block_->references;
  }
  FrameRef(FrameRef&& other) noexcept : block_(std::exchange(other.block_, nullptr)) {}
  FrameRef& operator=(FrameRef other) noexcept {
    std::swap(block_, other.block_);
    return *this;
  }
  ~FrameRef() { release(); }

  /// Makes this shard's reference to bytes that other shards send too.
  static FrameRef of(SharedFrame shared, const FrameOrigin& origin = {});

  explicit operator bool() const { return block_ != nullptr; }
  std::span<const std::uint8_t> bytes() const { return {block_->bytes, block_->size}; }
  std::size_t size() const { return block_->size; }

  /// Bytes without the frame header; of several messages, without theirs.
  std::size_t payload_size() const { return block_->payload_size; }

  /// As SharedFrame::messages.
  std::uint16_t messages() const { return block_->messages; }

  /// Of several messages: each by itself, sharing the bytes. Made when first asked for; throws
  /// std::bad_alloc.
  std::span<const FrameRef> parts() const;

  /// Memory in bytes that one reference to this frame takes at most, as queues charge it.
  std::size_t cost() const { return size() + messages() * kCost; }

  /// As FrameOrigin::taken.
  SteadyTime taken() const { return block_->taken; }

  /// As FrameOrigin::trace; null: it is not followed.
  MessageTrace* trace() const { return block_->traced ? shared_trace().get() : nullptr; }

  /// Of a frame with a trace.
  const std::shared_ptr<MessageTrace>& shared_trace() const;

  void set_origin(const FrameOrigin& origin);

  /// This frame is another form of the message of `other`.
  void set_origin_of(const FrameRef& other);

  /// Keeps FrameCompressor from compressing this frame.
  void forbid_compression() { block_->plain_only = true; }

  /// Overhead of a frame: its block with the heap's overhead, an entry in a queue whose capacity is
  /// twice its size, and the bytes' own block if shards share them.
  static constexpr std::size_t kCost = 160;

 private:
  friend class FrameBuilder;
  friend class FrameCompressor;
  friend FrameRef make_raw(std::string_view bytes);

  struct Extras;

  struct Block {
    Block();
    ~Block();

    std::uint32_t references = 1;
    bool plain_only = false;
    bool traced = false;  ///< `extras` has a trace.
    std::uint16_t messages = 1;
    std::size_t size = 0;
    std::size_t payload_size = 0;
    const std::uint8_t* bytes = nullptr;
    SteadyTime taken{};
    std::shared_ptr<const std::uint8_t[]> owner;  ///< Empty: the bytes follow this block.
    std::unique_ptr<Extras> extras;               ///< Null: it has none.

    Extras& need_extras();
  };

  explicit FrameRef(Block* block) : block_(block) {}
  static Block* allocate(std::size_t bytes_behind);
  void release() noexcept {
    if (block_ != nullptr && --block_->references == 0) destroy(block_);
  }
  static void destroy(Block* block) noexcept;

  Block* block_ = nullptr;
};

/// Allocates one unmasked frame; the caller writes the payload in place.
class FrameBuilder {
 public:
  /// `rsv`: as in FrameHeader.
  FrameBuilder(Opcode opcode, std::size_t payload_size, std::uint8_t rsv = 0);

  std::span<char> payload() { return payload_; }
  FrameRef finish() && { return std::move(frame_); }

 private:
  FrameRef frame_;
  std::span<char> payload_;
};

/// Like FrameBuilder, for bytes that several shards will send.
class SharedFrameBuilder {
 public:
  SharedFrameBuilder(Opcode opcode, std::size_t payload_size);

  std::span<char> payload() { return payload_; }
  SharedFrame finish() && { return std::move(frame_); }

 private:
  SharedFrame frame_;
  std::span<char> payload_;
};

FrameRef make_frame(Opcode opcode, std::string_view payload);

/// Makes a close frame; without a payload for 1005 (RFC 6455 section 7.4.1). A `reason` over 123
/// bytes is cut at a character boundary.
FrameRef make_close_frame(std::uint16_t code, std::string_view reason);

/// Wraps bytes that are no WebSocket frame, such as an HTTP response.
FrameRef make_raw(std::string_view bytes);

}  // namespace ws
}  // namespace wscast
