#pragma once

#include <cstddef>
#include <deque>

#include "ws/frame.h"

namespace wscast::session {

/// Messages of one encrypted client on their way through the outbound transformer, one at a time
/// and in order, so that none overtakes another (protocol.md E6). Shard thread only.
class Outbox {
 public:
  /// True: it was empty, so that this message's transformation is to be asked for.
  bool push(const ws::FrameRef& frame) {
    bytes_ += frame.size();
    frames_.push_back(frame);
    return frames_.size() == 1;
  }

  bool empty() const { return frames_.empty(); }
  std::size_t bytes() const { return bytes_; }

  /// The message being transformed.
  const ws::FrameRef& front() const { return frames_.front(); }

  void pop() {
    bytes_ -= frames_.front().size();
    frames_.pop_front();
  }

 private:
  std::deque<ws::FrameRef> frames_;
  std::size_t bytes_ = 0;
};

}  // namespace wscast::session
