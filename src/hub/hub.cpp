#include "hub/hub.h"

#include <algorithm>

namespace wscast::hub {
namespace {

bool is_own_room(const Member& member, std::string_view room) {
  return ClientId::parse(room) == member.id();
}

}  // namespace

bool Hub::add(Member& member) {
  if (!clients_.try_emplace(member.id(), &member).second) return false;
  member.known_ = true;
  watcher_.on_add(member.id());
  return true;
}

void Hub::remove(Member& member) {
  if (!member.known_) return;
  while (!member.seats_.empty()) leave_group(member, *member.seats_.back().group);
  if (member.in_own_room_) leave(member, member.id().text());
  clients_.erase(member.id());
  member.known_ = false;
  watcher_.on_remove(member.id());
}

void Hub::authenticate(Member& member, std::string_view user) {
  everybody_.add(member);
  if (!user.empty()) group(users_, Group::Kind::user, user).add(member);
  join(member, member.id().text());
}

bool Hub::join(Member& member, std::string_view room) {
  if (is_own_room(member, room)) {
    if (member.in_own_room_) return false;
    member.in_own_room_ = true;
  } else if (!group(rooms_, Group::Kind::room, room).add(member)) {
    return false;
  }
  watcher_.on_join(member.id(), room);
  return true;
}

bool Hub::leave(Member& member, std::string_view room) {
  if (is_own_room(member, room)) {
    if (!member.in_own_room_) return false;
    member.in_own_room_ = false;
    watcher_.on_leave(member.id(), room);
    return true;
  }
  const auto found = rooms_.find(room);
  if (found == rooms_.end() || member.seat_in(*found->second) == nullptr) return false;
  leave_group(member, *found->second);
  return true;
}

void Hub::leave_group(Member& member, Group& group) {
  group.remove(member);
  if (group.kind() == Group::Kind::everybody) return;
  if (group.kind() == Group::Kind::room) watcher_.on_leave(member.id(), group.name());
  if (!group.empty()) return;
  Groups& groups = group.kind() == Group::Kind::room ? rooms_ : users_;
  groups.erase(groups.find(group.name()));
}

bool Hub::in_room(const Member& member, std::string_view room) const {
  if (is_own_room(member, room)) return member.in_own_room_;
  const auto found = rooms_.find(room);
  return found != rooms_.end() && member.seat_in(*found->second) != nullptr;
}

std::size_t Hub::room_count(const Member& member) const {
  const auto rooms = std::ranges::count_if(member.seats_, [](const Member::Seat& seat) {
    return seat.group->kind() == Group::Kind::room;
  });
  return static_cast<std::size_t>(rooms) + (member.in_own_room_ ? 1 : 0);
}

Member* Hub::find(const ClientId& id) const {
  const auto found = clients_.find(id);
  return found == clients_.end() ? nullptr : found->second;
}

std::vector<Member*> Hub::members() const {
  std::vector<Member*> members;
  members.reserve(clients_.size());
  for (const auto& [id, member] : clients_) members.push_back(member);
  return members;
}

Delivered Hub::to_client(const ClientId& id, const ws::FrameRef& frame) {
  Delivered delivered;
  if (Member* member = find(id)) {
    ++(member->deliver(frame, Address::client) ? delivered.accepted : delivered.dropped);
  }
  return delivered;
}

Delivered Hub::to_user(std::string_view user, const ws::FrameRef& frame) {
  const auto found = users_.find(user);
  return found == users_.end() ? Delivered{} : found->second->deliver(frame, {});
}

Delivered Hub::to_room(std::string_view room, const ws::FrameRef& frame, Exclude exclude) {
  Delivered delivered;
  const auto found = rooms_.find(room);
  if (found != rooms_.end()) delivered = found->second->deliver(frame, exclude);
  if (const auto id = ClientId::parse(room)) {
    Member* owner = find(*id);
    if (owner != nullptr && owner->in_own_room_) deliver_to(*owner, frame, exclude, delivered);
  }
  return delivered;
}

Delivered Hub::broadcast(const ws::FrameRef& frame, Exclude exclude) {
  return everybody_.deliver(frame, exclude);
}

Group& Hub::group(Groups& groups, Group::Kind kind, std::string_view name) {
  const auto found = groups.find(name);
  if (found != groups.end()) return *found->second;
  return *groups.emplace(name, std::make_unique<Group>(kind, name)).first->second;
}

}  // namespace wscast::hub
