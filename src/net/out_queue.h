#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "net/delivery_timer.h"
#include "net/frame_list.h"
#include "net/send_batch.h"
#include "net/stream.h"
#include "ws/frame.h"

namespace wscast::net {

/// How much waits in an OutQueue. `frames`: on the wire, of which a FrameRef may have several.
struct QueueDepth {
  std::size_t bytes = 0;
  std::size_t frames = 0;
};

/// What one connection has still to send, as references to frames that others may share. Most
/// queues are empty or hold one frame, and then allocate nothing. Shard thread only.
class OutQueue {
 public:
  /// `spare` is that of the shard, here as in the other calls. Throws std::bad_alloc: the queue is
  /// as it was.
  void push(ws::FrameRef frame, SpareFrameLists& spare) {
    const std::size_t size = frame.size();
    if (size == 0) return;
    if (!front_) {
      front_ = std::move(frame);
    } else if (rest_) {
      rest_->push_back(std::move(frame));
    } else {
      push_second(std::move(frame), spare);
    }
    unsent_ += size;
  }

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
  IoStatus write(Stream& stream, std::span<std::uint8_t> scratch, SpareFrameLists& spare,
                 DeliveryTimer* timer = nullptr) {
    if (front_ && !rest_) {  // The common case: inline, see Connection::flush().
      const IoResult result = write_front(stream);
      if (result.status != IoStatus::ok) return result.status;
      note_sent(result.bytes, spare, timer);
      if (empty()) return IoStatus::ok;
    }
    return write_all(stream, scratch, spare, timer);
  }

  /// What write() would hand out first, in one piece; small frames are copied side by side into
  /// memory of `batch`. Empty: it has too little left. Stays until something is written or cleared.
  std::span<const std::uint8_t> gather(SendBatch& batch) const;

  /// So much of what gather() returned was sent.
  void note_sent(std::size_t bytes, SpareFrameLists& spare, DeliveryTimer* timer = nullptr) {
    if (bytes != unsent_) return drop_sent(bytes, spare, timer);
    if (timer != nullptr) note_all_written(*timer);
    if (rest_) spare.give_back(std::move(rest_));
    clear_front();
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
    return front_.messages() + (rest_ ? rest_->messages : 0);
  }

  IoStatus write_all(Stream& stream, std::span<std::uint8_t> scratch, SpareFrameLists& spare,
                     DeliveryTimer* timer);
  IoResult write_once(Stream& stream, std::span<std::uint8_t> scratch);
  void copy_all(std::uint8_t* to) const;
  IoResult write_several(Stream& stream, std::span<std::uint8_t> scratch);
  void drop_sent(std::size_t bytes, SpareFrameLists& spare, DeliveryTimer* timer);
  void advance_front(SpareFrameLists& spare);
  void push_second(ws::FrameRef frame, SpareFrameLists& spare);
  void note_all_written(DeliveryTimer& timer) const noexcept {
    timer.note_written(front_);
    if (!rest_) return;
    for (std::size_t i = rest_->head; i < rest_->frames.size(); ++i) {
      timer.note_written(rest_->frames[i]);
    }
  }

  ws::FrameRef front_;
  std::size_t unsent_ = 0;
  std::unique_ptr<FrameList> rest_;  ///< Behind the first; not empty.
  std::size_t front_sent_ = 0;
};

}  // namespace wscast::net
