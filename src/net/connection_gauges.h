#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "wscast/measurements.h"

#include "net/out_queue.h"

namespace wscast::net {

/// How far a connection is.
enum class ConnectionState : std::uint8_t {
  establishing,   ///< What the stream does first, such as a TLS handshake, is not over.
  requesting,     ///< An HTTP request.
  open,           ///< A WebSocket that is not trusted yet.
  authenticated,  ///< A WebSocket that is.
  closing,        ///< What is left is its end.
  count_,
};

/// How many connections of one shard are in which state, and what waits to be sent to them. Written
/// by the shard's thread only, read by any.
class ConnectionGauges {
 public:
  void enter(bool encrypted, ConnectionState state) noexcept { add(at(encrypted, state), 1); }
  void leave(bool encrypted, ConnectionState state) noexcept { subtract(at(encrypted, state), 1); }

  void on_queued(const QueueDepth& more) noexcept {
    add(queued_bytes_, more.bytes);
    add(queued_frames_, more.frames);
  }

  /// They were written, or dropped.
  void on_dequeued(const QueueDepth& gone) noexcept {
    subtract(queued_bytes_, gone.bytes);
    subtract(queued_frames_, gone.frames);
  }

  /// The peer of a connection takes nothing any more, or takes something again.
  void on_blocked() noexcept { add(blocked_, 1); }
  void on_unblocked() noexcept { subtract(blocked_, 1); }

  // Any thread.

  std::uint64_t connections(bool encrypted, ConnectionState state) const {
    return states_[index(encrypted, state)].load(std::memory_order_relaxed);
  }
  void add_to(OutboundQueue& all) const {
    all.bytes += queued_bytes_.load(std::memory_order_relaxed);
    all.frames += queued_frames_.load(std::memory_order_relaxed);
    all.connections += blocked_.load(std::memory_order_relaxed);
  }

 private:
  using Value = std::atomic<std::uint64_t>;

  static constexpr auto kStates = static_cast<std::size_t>(ConnectionState::count_);

  static std::size_t index(bool encrypted, ConnectionState state) {
    return (encrypted ? kStates : 0) + static_cast<std::size_t>(state);
  }
  Value& at(bool encrypted, ConnectionState state) { return states_[index(encrypted, state)]; }

  /// One writer: no atomic read-modify-write is needed.
  static void add(Value& value, std::uint64_t n) noexcept {
    value.store(value.load(std::memory_order_relaxed) + n, std::memory_order_relaxed);
  }
  static void subtract(Value& value, std::uint64_t n) noexcept {
    value.store(value.load(std::memory_order_relaxed) - n, std::memory_order_relaxed);
  }

  std::array<Value, 2 * kStates> states_{};
  Value queued_bytes_{};
  Value queued_frames_{};
  Value blocked_{};
};

/// The name of a state in measurements.
constexpr std::string_view to_string(ConnectionState state) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(ConnectionState::count_)> kNames{
      "establishing", "requesting", "open", "authenticated", "closing"};
  return kNames[static_cast<std::size_t>(state)];
}

}  // namespace wscast::net
