#include "server/history_room.h"

#include <algorithm>
#include <utility>

#include "ws/frame.h"

namespace wscast::server {

using protocol::LossReason;
using session::HistoryAnswer;

void HistoryRoom::follow() {
  if (position_ || !idle()) return;
  host_.read_position(*this);
  asking_position_ = true;
}

// What the broker published.

void HistoryRoom::on_published(hub::SharedHistoryMessage message) {
  if (holds() || (asking_position_ && !position_)) return hold(std::move(message));
  if (!position_) position_ = Position{message->offset() - 1, message->position().epoch};
  const bool next =
      message->position().epoch == position_->epoch && message->offset() == position_->offset + 1;
  if (next) return advance(message);
  hold(std::move(message));
  release_held();
}

void HistoryRoom::hold(hub::SharedHistoryMessage message) {
  if (overflowed_) return;
  const std::size_t bytes = message->memory();
  held_.push_back({std::move(message), reads_});
  held_bytes_ += bytes;
  if (held_bytes_ <= kMaxHeldBytes) return;
  held_.clear();
  held_bytes_ = 0;
  overflowed_ = true;
}

void HistoryRoom::advance(const hub::SharedHistoryMessage& message) {
  host_.deliver(message);
  position_->offset = message->offset();
  if (fresh_until_) keep_recent(message);
}

void HistoryRoom::release_held() {
  while (!held_.empty() && !holds()) {
    if (!release_front()) return;
    held_bytes_ -= held_.front().message->memory();
    held_.pop_front();
  }
  if (overflowed_ && !holds()) {
    start_read(position_->offset);
    overflowed_ = false;
  }
}

/// Returns whether it is dealt with. What a read that began later does not have either is lost, or
/// belongs to an epoch that is over.
bool HistoryRoom::release_front() {
  const Held& front = held_.front();
  const hub::SharedHistoryMessage& message = front.message;
  const bool was_read = front.reads < reads_ && !failed_;
  if (message->position().epoch != position_->epoch) {
    if (!was_read) return start_read(position_->offset), false;
    host_.counters().add(Counter::history_stale);
    return true;
  }
  if (message->offset() <= position_->offset) {
    host_.counters().add(Counter::history_duplicates);
    return true;
  }
  if (message->offset() > position_->offset + 1) {
    if (!was_read || recent_end_ < read_last_) return start_read(position_->offset), false;
    lose(message->offset() - 1);
  }
  advance(message);
  return true;
}

// What was read.

void HistoryRoom::start_read(std::uint64_t after) {
  host_.read(*this, after);
  reading_ = true;
  ++reads_;
  read_after_ = after;
  retry_at_.reset();
  host_.counters().add(Counter::history_reads);
}

void HistoryRoom::on_read(HistoryMessages read, SteadyTime now) {
  reading_ = false;
  failed_ = !read.available;
  if (failed_) {
    if (!held_.empty() || overflowed_ || expected_) retry_at_ = now + kFresh;
    return;
  }
  expected_ = read.last.offset;  // If this throws, it is read again.
  if (!position_) begin_at(read.last);
  if (!begin_epoch(read.last.epoch)) return;
  fresh_until_ = now + kFresh;
  take(std::move(read.messages), read.last.offset);
  if (read.last.offset < position_->offset) forget_recent();  // It does not have all of them.
  release_held();
  if (read.last.offset <= position_->offset) expected_.reset();
}

/// What was published since somebody is interested comes behind that.
void HistoryRoom::begin_at(const Position& position) {
  position_ = position;
  if (held_.empty()) return;
  const hub::HistoryMessage& first = *held_.front().message;
  const bool earlier =
      first.position().epoch == position.epoch && first.offset() <= position.offset;
  if (earlier) position_->offset = first.offset() - 1;
}

/// Returns false if the new epoch is to be read from its beginning first.
bool HistoryRoom::begin_epoch(const std::string& epoch) {
  if (position_->epoch == epoch) return true;
  Position begin{0, epoch};
  forget_recent();
  host_.tell({.room = name_, .reason = LossReason::epoch, .position = &begin});
  position_ = std::move(begin);
  host_.counters().add(Counter::history_gaps);
  if (read_after_ == 0) return true;
  start_read(0);
  return false;
}

/// `messages` are all that is kept behind what was asked for.
void HistoryRoom::take(std::vector<hub::SharedHistoryMessage> messages, std::uint64_t last) {
  const std::uint64_t first = messages.empty() ? last + 1 : messages.front()->offset();
  recent_.assign(messages.begin(), messages.end());
  recent_bytes_ = 0;
  for (const auto& message : messages) recent_bytes_ += message->memory();
  recent_after_ = first - 1;
  recent_end_ = messages.empty() ? last : messages.back()->offset();
  read_last_ = last;
  if (last > position_->offset && first > position_->offset + 1) lose(first - 1);
  for (const auto& message : messages) {
    if (message->offset() <= position_->offset) continue;
    host_.deliver(message);
    position_->offset = message->offset();
    host_.counters().add(Counter::history_caught_up);
  }
}

/// protocol.md H6: what lies before `to`, and that message, cannot be delivered any more.
void HistoryRoom::lose(std::uint64_t to) {
  const Position behind{to, position_->epoch};
  host_.tell({.room = name_,
              .from = position_->offset + 1,
              .to = to,
              .reason = LossReason::window,
              .position = &behind});
  position_->offset = to;
  host_.counters().add(Counter::history_gaps);
}

void HistoryRoom::keep_recent(const hub::SharedHistoryMessage& message) {
  if (message->offset() != recent_end_ + 1) return;
  recent_.push_back(message);
  recent_end_ = message->offset();
  recent_bytes_ += message->memory();
  if (recent_bytes_ > kMaxHeldBytes) forget_recent();
}

void HistoryRoom::forget_recent() {
  fresh_until_.reset();
  recent_.clear();
  recent_bytes_ = 0;
}

void HistoryRoom::on_position(const std::optional<Position>& position) {
  asking_position_ = false;
  failed_ = !position;
  if (!position_ && position) begin_at(*position);
  if (!position_ && !held_.empty()) {  // It goes on with what comes.
    const hub::HistoryMessage& first = *held_.front().message;
    position_ = Position{first.offset() - 1, first.position().epoch};
  }
  if (position_ && !holds()) release_held();
}

/// A message that is only on its way is not read: what the broker has is expected for a while.
void HistoryRoom::on_checked(const Position& position) {
  if (!position_ || holds()) return;
  if (position.epoch != position_->epoch) return start_read(position_->offset);
  if (position.offset > position_->offset) expected_ = position.offset;
}

void HistoryRoom::on_time(SteadyTime now) {
  if (fresh_until_ && now >= *fresh_until_) forget_recent();
  if (!position_ || reading_) return;
  if (retry_at_) {
    if (now >= *retry_at_) start_read(position_->offset);
    return;
  }
  if (expected_ && *expected_ > position_->offset) start_read(position_->offset);
  expected_.reset();
}

// What clients ask for.

std::optional<HistoryAnswer::Room> HistoryRoom::answer(const std::optional<Position>& seen,
                                                       std::uint64_t lowest, std::size_t limit,
                                                       SteadyTime now) {
  if (!idle()) return std::nullopt;
  if (!position_) {
    follow();
    return std::nullopt;
  }
  if (!seen) return HistoryAnswer::Room{.name = name_, .position = *position_};
  const bool other_epoch = seen->epoch != position_->epoch;
  if (!other_epoch && seen->offset == position_->offset) return missed_behind(*seen, limit);
  const bool ahead = other_epoch || seen->offset > position_->offset;
  const bool was_read = is_fresh(now) && (ahead || read_after_ <= seen->offset);
  if (was_read) {
    if (ahead) return lost(LossReason::epoch);
    if (recent_after_ > seen->offset) return lost(LossReason::window);
    if (recent_end_ > seen->offset) return missed_behind(*seen, limit);
  }
  if (retry_at_) return std::nullopt;
  const std::uint64_t least = was_read ? seen->offset : std::min(lowest, seen->offset);
  start_read(ahead ? position_->offset : least);
  return std::nullopt;
}

HistoryAnswer::Room HistoryRoom::missed_behind(const Position& seen, std::size_t limit) const {
  HistoryAnswer::Room room{.name = name_, .position = seen};
  std::size_t bytes = 0;
  for (const auto& message : recent_) {
    if (message->offset() <= seen.offset) continue;
    bytes += message->bytes() + ws::FrameRef::kCost;
    room.missed.push_back(message);
  }
  room.more = !room.missed.empty() && recent_end_ < position_->offset;
  return (bytes > limit || room.more) && !rule_.replay ? lost(LossReason::limit) : room;
}

HistoryAnswer::Room HistoryRoom::lost(LossReason reason) const {
  return {.name = name_, .position = position_, .lost = reason};
}

HistoryAnswer::Room HistoryRoom::unavailable() const {
  return lost(LossReason::unavailable);
}

}  // namespace wscast::server
