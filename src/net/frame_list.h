#pragma once

#include <cstddef>
#include <memory>
#include <new>
#include <utility>
#include <vector>

#include "ws/frame.h"

namespace wscast::net {

/// Frames in order; those before `head` were taken.
struct FrameList {
  bool empty() const { return frames.size() == head; }

  /// Throws std::bad_alloc.
  void push_back(ws::FrameRef frame) {
    const std::size_t more = frame.messages();
    frames.push_back(std::move(frame));
    messages += more;
  }

  ws::FrameRef take_front() {
    messages -= frames[head].messages();
    return std::move(frames[head++]);
  }

  void clear() {
    frames.clear();
    head = messages = 0;
  }

  std::vector<ws::FrameRef> frames;
  std::size_t head = 0;
  std::size_t messages = 0;  ///< Of those not taken.
};

/// Empty lists of one shard, kept for the next queue that needs one: where many messages go to the
/// same clients, making and freeing them costs as much as sending. Shard thread only.
class SpareFrameLists {
 public:
  /// Throws std::bad_alloc.
  std::unique_ptr<FrameList> take() {
    if (spare_.empty()) return std::make_unique<FrameList>();
    auto list = std::move(spare_.back());
    spare_.pop_back();
    return list;
  }

  /// Empties the list, and keeps it unless it is long, or many are kept.
  void give_back(std::unique_ptr<FrameList> list) noexcept {
    list->clear();
    if (list->frames.capacity() > kLongest || spare_.size() == kMost) return;
    try {
      spare_.push_back(std::move(list));
    } catch (const std::bad_alloc&) {  // It is freed.
    }
  }

 private:
  static constexpr std::size_t kLongest = 128;
  static constexpr std::size_t kMost = 256;

  std::vector<std::unique_ptr<FrameList>> spare_;
};

}  // namespace wscast::net
