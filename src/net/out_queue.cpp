#include "net/out_queue.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace wscast::net {
namespace {

constexpr std::size_t kMaxPieces = 64;
constexpr std::ptrdiff_t kCompactAfter = 256;

}  // namespace

void OutQueue::push_second(ws::FrameRef frame, SpareFrameLists& spare) {
  auto rest = spare.take();
  rest->push_back(std::move(frame));
  rest_ = std::move(rest);
}

IoStatus OutQueue::write_all(Stream& stream, std::span<std::uint8_t> scratch,
                             SpareFrameLists& spare, DeliveryTimer* timer) {
  while (!empty()) {
    const IoResult result = write_once(stream, scratch);
    if (result.status != IoStatus::ok) return result.status;
    note_sent(result.bytes, spare, timer);
  }
  return IoStatus::ok;
}

void OutQueue::clear() {
  clear_front();
  rest_.reset();
}

IoResult OutQueue::write_once(Stream& stream, std::span<std::uint8_t> scratch) {
  return rest_ ? write_several(stream, scratch) : write_front(stream);
}

std::span<const std::uint8_t> OutQueue::gather(SendBatch& batch) const {
  if (!rest_) return unsent_of_front();
  const auto all = batch.take_scratch(unsent_);
  if (!all.empty()) copy_all(all.data());
  return all;
}

void OutQueue::copy_all(std::uint8_t* to) const {
  const auto append = [&to](std::span<const std::uint8_t> bytes) {
    std::memcpy(to, bytes.data(), bytes.size());
    to += bytes.size();
  };
  append(unsent_of_front());
  for (std::size_t i = rest_->head; i < rest_->frames.size(); ++i) {
    append(rest_->frames[i].bytes());
  }
}

/// Copies frames into one piece while they fit into `scratch`, else hands out the frames' own
/// memory: copying a small frame costs less than one more piece in the system call.
IoResult OutQueue::write_several(Stream& stream, std::span<std::uint8_t> scratch) {
  if (unsent_ <= scratch.size()) {
    copy_all(scratch.data());
    const iovec all{scratch.data(), unsent_};
    return stream.write({&all, 1});
  }
  std::array<iovec, kMaxPieces> pieces;
  std::size_t count = 0;
  pieces[count++] = piece(unsent_of_front());
  for (std::size_t i = rest_->head; i < rest_->frames.size() && count < kMaxPieces; ++i) {
    pieces[count++] = piece(rest_->frames[i].bytes());
  }
  return stream.write(std::span(pieces).first(count));
}

void OutQueue::drop_sent(std::size_t bytes, SpareFrameLists& spare, DeliveryTimer* timer) {
  unsent_ -= bytes;
  while (front_ && bytes >= front_.size() - front_sent_) {
    bytes -= front_.size() - front_sent_;
    if (timer != nullptr) timer->note_written(front_);
    advance_front(spare);
  }
  front_sent_ += bytes;
}

void OutQueue::advance_front(SpareFrameLists& spare) {
  front_sent_ = 0;
  if (!rest_) {
    front_ = {};
    return;
  }
  front_ = rest_->take_front();
  if (rest_->empty()) {
    spare.give_back(std::move(rest_));
  } else if (rest_->head ==
             static_cast<std::size_t>(
                 kCompactAfter)) {  // A queue that never empties must not grow without limit.
    rest_->frames.erase(rest_->frames.begin(), rest_->frames.begin() + kCompactAfter);
    rest_->head = 0;
  }
}

}  // namespace wscast::net
