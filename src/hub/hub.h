#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_set.hpp>

#include "base/client_id.h"
#include "base/string_hash.h"
#include "hub/by_client_id.h"
#include "hub/group.h"
#include "hub/member.h"
#include "hub/membership_observer.h"
#include "hub/user_index.h"

namespace wscast::hub {

/// Membership and local fan-out of one shard: clients, users, rooms and topics, each a namespace of
/// its own, so a room may have the name of a user. No I/O; shard thread only.
///
/// What adds throws std::bad_alloc, or what the observer throws, and has then done nothing, except
/// authenticate(): after that the client is to be removed. What removes needs no memory.
class Hub {
 public:
  explicit Hub(MembershipObserver& observer) : observer_(observer) {}

  /// Makes the client addressable by its id. Returns false if the id is taken.
  bool add(Member& member);

  /// Removes the client from all groups and from the hub. No-op if unknown.
  void remove(Member& member) noexcept;

  /// Makes the client an authenticated one: adds it to the receivers of broadcasts, to its user
  /// (none if empty) and to the room named by its id (protocol.md M17). Has done nothing unless the
  /// observer identified the client.
  IdentifyResult authenticate(Member& member, ClientIdentity identity);

  /// Changes the metadata of an authenticated client (protocol.md X4).
  void renew(Member& member, Metadata metadata) { observer_.renew(member, std::move(metadata)); }

  /// Returns false if it was in that room already.
  bool join(Member& member, std::string_view room);

  /// Returns false if it was not in that room.
  bool leave(Member& member, std::string_view room) noexcept;

  /// Applies a membership that the observer's side has already: the observer is not notified.
  /// Returns false if the hub had it, too.
  bool follow(Member& member, std::string_view room, bool in);

  bool in_room(const Member& member, std::string_view room) const;

  /// Number of rooms that the client is in.
  std::size_t room_count(const Member& member) const;

  void subscribe(Member& member, std::string_view topic);
  void unsubscribe(Member& member, std::string_view topic) noexcept;
  bool is_subscribed(const Member& member, std::string_view topic) const;

  Member* find(const ClientId& id) const;

  /// A copy of the list of all clients, or of a user's: they may leave while it is iterated.
  std::vector<Member*> members() const;
  std::vector<Member*> members_of_user(std::string_view user) const;
  std::vector<Member*> members_of_room(std::string_view room) const;

  /// Calls `visit` for each client, or each of a user; it must not change the hub.
  template <class Visit>
  void for_each(Visit visit) const {
    for (Member* member : everybody_.members()) visit(*member);
  }
  template <class Visit>
  void for_each_of_user(std::string_view user, Visit visit) const {
    users_.for_each(user, [&](ClientRecord& client) { visit(static_cast<Member&>(client)); });
  }

  Delivered to_user(std::string_view user, const ws::FrameRef& frame);
  Delivered to_room(std::string_view room, const ws::FrameRef& frame, Exclude exclude);
  Delivered to_room(const HistoryMessage& message, const ws::FrameOrigin& origin);
  Delivered broadcast(const ws::FrameRef& frame, Exclude exclude);

  /// The subscribers of `topic`; null if there are none.
  const Group* subscribers(std::string_view topic) const;

  std::size_t clients() const { return clients_.size(); }
  std::size_t authenticated() const { return everybody_.size(); }

 private:
  struct NameHash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const noexcept { return StringHash{}(name); }
    std::size_t operator()(const std::unique_ptr<Group>& group) const noexcept {
      return StringHash{}(group->name());
    }
  };
  struct NameEqual {
    using is_transparent = void;
    bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
    static std::string_view name(std::string_view text) { return text; }
    static std::string_view name(const std::unique_ptr<Group>& group) { return group->name(); }
  };
  using Groups = boost::unordered_flat_set<std::unique_ptr<Group>, NameHash, NameEqual>;

  static bool add_to_group(Groups& groups, Group::Kind kind, std::string_view name, Member& member);
  static Group* find_group(const Groups& groups, std::string_view name);
  bool add_to_room(Member& member, std::string_view room);
  bool remove_from_room(Member& member, std::string_view room) noexcept;
  void leave_group(Member& member, Group& group) noexcept;
  void leave_rooms(Member& member) noexcept;

  MembershipObserver& observer_;
  boost::unordered_flat_set<Member*, ByClientId, ByClientId> clients_;
  UserIndex<&ClientRecord::on_shard> users_;
  Groups rooms_;
  Groups topics_;
  Group everybody_{Group::Kind::everybody, {}};
};

}  // namespace wscast::hub
