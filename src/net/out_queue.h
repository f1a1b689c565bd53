#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "net/delivery_timer.h"
#include "net/send_batch.h"
#include "net/stream.h"
#include "ws/frame.h"

namespace wscast::net {

/// How much waits in an OutQueue.
struct QueueDepth {
  std::size_t bytes = 0;
  std::size_t frames = 0;
};

/// What one connection has still to send, as references to frames that others may share. Most
/// queues are empty or hold one frame, and then allocate nothing. Shard thread only.
class OutQueue {
 public:
  /// Throws std::bad_alloc: the queue is as it was.
  void push(ws::FrameRef frame);

  bool empty() const { return unsent_ == 0; }
  std::size_t unsent() const { return unsent_; }
  QueueDepth depth() const { return {.bytes = unsent_, .frames = frames()}; }

  /// Bytes charged against the backpressure limit: the unsent ones, and each frame's memory
  /// overhead.
  std::size_t cost() const {
    if (unsent_ == 0) return 0;
    return unsent_ + frames() * ws::FrameRef::kCost;
  }

  /// Writes all it can, at best in one system call; small frames are copied side by side into
  /// `scratch` first. `ok`: the queue is empty. `would_block`: the kernel took no more. `timer`: is
  /// notified of each frame that is written; null: nobody.
  IoStatus write(Stream& stream, std::span<std::uint8_t> scratch, DeliveryTimer* timer = nullptr) {
    if (front_ && !rest_) {  // The common case: inline, see Connection::flush().
      const IoResult result = write_front(stream);
      if (result.status != IoStatus::ok) return result.status;
      note_sent(result.bytes, timer);
      if (empty()) return IoStatus::ok;
    }
    return write_all(stream, scratch, timer);
  }

  /// What write() would hand out first, in one piece; small frames are copied side by side into
  /// memory of `batch`. Empty: it has too little left. Stays until something is written or cleared.
  std::span<const std::uint8_t> gather(SendBatch& batch) const;

  /// So much of what gather() returned was sent.
  void note_sent(std::size_t bytes, DeliveryTimer* timer = nullptr) {
    if (bytes == unsent_ && front_ && !rest_) {
      if (timer != nullptr) timer->note_written(front_);
      clear_front();
    } else {
      drop_sent(bytes, timer);
    }
  }

  void clear();

  /// Calls `visit` for each frame that is followed.
  template <class Visit>
  void for_each_traced(Visit visit) const {
    if (front_ && front_.trace() != nullptr) visit(*front_.trace());
    if (!rest_) return;
    for (std::size_t i = rest_->head; i < rest_->frames.size(); ++i) {
      if (MessageTrace* trace = rest_->frames[i].trace()) visit(*trace);
    }
  }

 private:
  static iovec piece(std::span<const std::uint8_t> bytes) {
    return {const_cast<std::uint8_t*>(bytes.data()), bytes.size()};
  }

  std::span<const std::uint8_t> unsent_of_front() const {
    return front_.bytes().subspan(front_sent_);
  }

  IoResult write_front(Stream& stream) {
    const iovec only = piece(unsent_of_front());
    return stream.write({&only, 1});
  }

  void clear_front() {
    front_ = {};
    front_sent_ = 0;
    unsent_ = 0;
  }

  std::size_t frames() const {
    if (!front_) return 0;
    return 1 + (rest_ ? rest_->frames.size() - rest_->head : 0);
  }

  IoStatus write_all(Stream& stream, std::span<std::uint8_t> scratch, DeliveryTimer* timer);
  IoResult write_once(Stream& stream, std::span<std::uint8_t> scratch);
  void copy_all(std::uint8_t* to) const;
  IoResult write_several(Stream& stream, std::span<std::uint8_t> scratch);
  void drop_sent(std::size_t bytes, DeliveryTimer* timer);
  void advance_front();

  /// Frames behind the first; `head` is the index of the next.
  struct Rest {
    std::vector<ws::FrameRef> frames;
    std::size_t head = 0;
  };

  ws::FrameRef front_;
  std::size_t unsent_ = 0;
  std::unique_ptr<Rest> rest_;
  std::size_t front_sent_ = 0;
};

}  // namespace wscast::net
