#pragma once

#include <cstddef>
#include <vector>

#include "ws/frame.h"

namespace wscast::session {

/// Queues the messages of one encrypted client, which are encrypted one at a time and in order
/// (protocol.md E6). Shard thread only.
class Outbox {
 public:
  void push(const ws::FrameRef& frame) {
    bytes_ += frame.cost();
    frames_.push_back(frame);
  }

  bool empty() const { return size() == 0; }
  std::size_t size() const { return frames_.size() - first_; }

  /// Upper bound of the memory that the queued messages take, in bytes.
  std::size_t bytes() const { return bytes_; }

  /// The message to be encrypted next. Only if not empty.
  const ws::FrameRef& front() const { return frames_[first_]; }

  void pop() {
    bytes_ -= front().cost();
    frames_[first_++] = {};
    if (first_ * 2 < frames_.size()) return;
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
    if (frames_.empty() && frames_.capacity() > kKept) frames_.shrink_to_fit();
  }

  /// Calls `visit` for each message.
  template <class Visit>
  void for_each(Visit visit) const {
    for (std::size_t i = first_; i < frames_.size(); ++i) visit(frames_[i]);
  }

  bool front_requested = false;  ///< Its encryption was requested.

 private:
  static constexpr std::size_t kKept = 8;

  std::vector<ws::FrameRef> frames_;
  std::size_t first_ = 0;  ///< Index of the front.
  std::size_t bytes_ = 0;
};

}  // namespace wscast::session
