#include "hub/hub.h"

#include <algorithm>
#include <utility>

namespace wscast::hub {

bool Hub::add(Member& member) {
  if (!clients_.insert(&member).second) return false;
  try {
    observer_.on_add(member);
  } catch (...) {
    clients_.erase(&member);
    throw;
  }
  member.known_ = true;
  return true;
}

void Hub::remove(Member& member) noexcept {
  if (!member.known_) return;
  if (observer_.notes_each_leave()) leave_rooms(member);
  while (!member.seats_.empty()) leave_group(member, *member.seats_.back().group);
  everybody_.remove(member);
  member.sits_in_own_room_ = false;
  users_.remove(member);
  clients_.erase(&member);
  member.known_ = false;
  observer_.on_remove(member);
}

/// Leaving a room moves the last seat to its place, which has been looked at.
void Hub::leave_rooms(Member& member) noexcept {
  for (std::size_t i = member.seats_.size(); i-- > 0;) {
    Group& group = *member.seats_[i].group;
    if (group.kind() != Group::Kind::room) continue;
    observer_.on_leave(member, group.name());
    leave_group(member, group);
  }
}

IdentifyResult Hub::authenticate(Member& member, ClientIdentity identity) {
  const IdentifyResult result = observer_.identify(member, std::move(identity));
  if (result != IdentifyResult::identified) return result;
  member.state.store(ClientState::authenticated, std::memory_order_relaxed);
  everybody_.add(member);
  if (!member.identity.user_id.empty()) users_.add(member);
  join(member, member.id.text());
  return result;
}

bool Hub::join(Member& member, std::string_view room) {
  if (!add_to_room(member, room)) return false;
  try {
    observer_.on_join(member, room);
  } catch (...) {
    remove_from_room(member, room);
    throw;
  }
  return true;
}

bool Hub::leave(Member& member, std::string_view room) noexcept {
  if (!remove_from_room(member, room)) return false;
  observer_.on_leave(member, room);
  return true;
}

bool Hub::follow(Member& member, std::string_view room, bool in) {
  return in ? add_to_room(member, room) : remove_from_room(member, room);
}

bool Hub::add_to_room(Member& member, std::string_view room) {
  if (member.id.is(room)) return !std::exchange(member.sits_in_own_room_, true);
  return add_to_group(rooms_, Group::Kind::room, room, member);
}

bool Hub::remove_from_room(Member& member, std::string_view room) noexcept {
  if (member.id.is(room)) return std::exchange(member.sits_in_own_room_, false);
  Group* found = find_group(rooms_, room);
  if (found == nullptr || !member.sits_in(*found)) return false;
  leave_group(member, *found);
  return true;
}

void Hub::leave_group(Member& member, Group& group) noexcept {
  group.remove(member);
  if (!group.empty()) return;
  Groups& groups = group.kind() == Group::Kind::room ? rooms_ : topics_;
  groups.erase(groups.find(group.name()));
}

bool Hub::in_room(const Member& member, std::string_view room) const {
  if (member.id.is(room)) return member.sits_in_own_room_;
  const Group* found = find_group(rooms_, room);
  return found != nullptr && member.sits_in(*found);
}

std::size_t Hub::room_count(const Member& member) const {
  const auto rooms = std::ranges::count_if(member.seats_, [](const Member::Seat& seat) {
    return seat.group->kind() == Group::Kind::room;
  });
  return static_cast<std::size_t>(rooms) + (member.sits_in_own_room_ ? 1 : 0);
}

void Hub::subscribe(Member& member, std::string_view topic) {
  if (member.known_) add_to_group(topics_, Group::Kind::topic, topic, member);
}

void Hub::unsubscribe(Member& member, std::string_view topic) noexcept {
  Group* found = find_group(topics_, topic);
  if (found != nullptr && member.sits_in(*found)) leave_group(member, *found);
}

bool Hub::is_subscribed(const Member& member, std::string_view topic) const {
  const Group* found = find_group(topics_, topic);
  return found != nullptr && member.sits_in(*found);
}

const Group* Hub::subscribers(std::string_view topic) const {
  return find_group(topics_, topic);
}

Member* Hub::find(const ClientId& id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : *found;
}

std::vector<Member*> Hub::members() const {
  return {clients_.begin(), clients_.end()};
}

std::vector<Member*> Hub::members_of_user(std::string_view user) const {
  std::vector<Member*> members;
  users_.for_each(user,
                  [&](ClientRecord& client) { members.push_back(static_cast<Member*>(&client)); });
  return members;
}

std::vector<Member*> Hub::members_of_room(std::string_view room) const {
  const Group* found = find_group(rooms_, room);
  return found == nullptr ? std::vector<Member*>() : found->members();
}

Delivered Hub::to_user(std::string_view user, const ws::FrameRef& frame) {
  Delivered delivered;
  users_.for_each(user, [&](ClientRecord& client) {
    deliver_to(static_cast<Member&>(client), frame, {}, delivered);
  });
  return delivered;
}

Delivered Hub::to_room(std::string_view room, const ws::FrameRef& frame, Exclude exclude) {
  Delivered delivered;
  if (Group* found = find_group(rooms_, room)) delivered = found->deliver(frame, exclude);
  if (const auto id = ClientId::spelled(room)) {
    Member* owner = find(*id);
    if (owner != nullptr && owner->sits_in_own_room_) {
      deliver_to(*owner, frame, exclude, delivered);
    }
  }
  return delivered;
}

/// Rooms named by a client's id have no history.
Delivered Hub::to_room(const HistoryMessage& message, const ws::FrameOrigin& origin) {
  Group* found = find_group(rooms_, message.room());
  if (found == nullptr) return {};
  HistoryFrames frames(message, origin);
  return found->deliver(frames, message.exclude());
}

Delivered Hub::broadcast(const ws::FrameRef& frame, Exclude exclude) {
  return everybody_.deliver(frame, exclude);
}

/// A group that its first member cannot join is not kept.
bool Hub::add_to_group(Groups& groups, Group::Kind kind, std::string_view name, Member& member) {
  if (Group* found = find_group(groups, name)) return found->add(member);
  auto made = std::make_unique<Group>(kind, name);
  Group& group = *made;
  const auto place = groups.insert(std::move(made)).first;
  try {
    return group.add(member);
  } catch (...) {
    groups.erase(place);
    throw;
  }
}

Group* Hub::find_group(const Groups& groups, std::string_view name) {
  const auto found = groups.find(name);
  return found == groups.end() ? nullptr : found->get();
}

}  // namespace wscast::hub
