#include "hub/group.h"

#include <algorithm>

namespace wscast::hub {
namespace {

int pass_on(Member& member, const ws::FrameRef& frame) {
  return member.deliver(frame, Address::group);
}
int pass_on(Member& member, HistoryFrames& frames) {
  return member.deliver_positioned(frames);
}

template <class Message>
void deliver_unless_excluded(Member& member, Message& message, Exclude exclude,
                             Delivered& delivered) {
  if (is_excluded(exclude, member.id)) return;
  ++(pass_on(member, message) != 0 ? delivered.accepted : delivered.dropped);
}

}  // namespace

bool Group::add(Member& member) {
  if (member.sits_in(*this)) return false;
  members_.push_back(&member);
  try {
    member.sit_down(*this, static_cast<std::uint32_t>(members_.size() - 1));
  } catch (...) {
    members_.pop_back();
    throw;
  }
  return true;
}

bool Group::remove(Member& member) noexcept {
  const std::uint32_t* seat = member.index_in(*this);
  if (seat == nullptr) return false;
  const std::uint32_t index = *seat;
  member.stand_up(*this);

  Member* last = members_.back();
  members_.pop_back();
  if (last != &member) {
    members_[index] = last;
    *last->index_in(*this) = index;
  }
  return true;
}

bool contains(Exclude exclude, const ClientId& id) {
  if (exclude.size() <= kFewExcluded) return std::ranges::find(exclude, id) != exclude.end();
  return std::ranges::binary_search(exclude, id);
}

void deliver_to(Member& member, const ws::FrameRef& frame, Exclude exclude, Delivered& delivered) {
  deliver_unless_excluded(member, frame, exclude, delivered);
}

template <class Message>
Delivered Group::deliver_each(Message& message, Exclude exclude) {
  // Prefetch distance of the members' sinks; the members themselves are fetched at twice that.
  constexpr std::size_t kAhead = 4;
  Delivered delivered;
  for (std::size_t i = 0; i < members_.size(); ++i) {
    if (i + 2 * kAhead < members_.size()) members_[i + 2 * kAhead]->prefetch();
    if (i + kAhead < members_.size()) members_[i + kAhead]->prefetch_sink();
    deliver_unless_excluded(*members_[i], message, exclude, delivered);
  }
  return delivered;
}

Delivered Group::deliver(const ws::FrameRef& frame, Exclude exclude) {
  return deliver_each(frame, exclude);
}

Delivered Group::deliver(HistoryFrames& frames, Exclude exclude) {
  return deliver_each(frames, exclude);
}

}  // namespace wscast::hub
