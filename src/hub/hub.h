#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/client_id.h"
#include "base/string_hash.h"
#include "hub/group.h"
#include "hub/member.h"
#include "hub/membership_observer.h"
#include "hub/user_index.h"

namespace wscast::hub {

/// The clients, users and rooms of one shard: it is told who joins and leaves, and it knows who
/// receives what. Clients, users, rooms and topics are namespaces of their own: a room may be
/// called like a user. No I/O; shard thread only.
class Hub {
 public:
  explicit Hub(MembershipObserver& observer) : observer_(observer) {}

  /// The client can be addressed by its id. False: one of that id is here already.
  bool add(Member& member);

  /// The client is in nothing any more. Knows no such client: nothing happens.
  void remove(Member& member);

  /// The client hears broadcasts, belongs to its user (none if empty) and is in the room named by
  /// its own id (protocol.md M17).
  void authenticate(Member& member, ClientIdentity identity);

  /// False: it was in that room already.
  bool join(Member& member, std::string_view room);

  /// False: it was not in that room.
  bool leave(Member& member, std::string_view room);

  /// Makes the client a member or not, as the observer's side has it already: it is not told.
  void follow(Member& member, std::string_view room, bool in);

  bool in_room(const Member& member, std::string_view room) const;

  /// How many rooms the client is in.
  std::size_t room_count(const Member& member) const;

  void subscribe(Member& member, std::string_view topic);
  void unsubscribe(Member& member, std::string_view topic);
  bool is_subscribed(const Member& member, std::string_view topic) const;

  Member* find(const ClientId& id) const;

  /// All clients, or those of a user, as a copy: they may leave while it is gone through.
  std::vector<Member*> members() const;
  std::vector<Member*> members_of_user(std::string_view user) const;

  Delivered to_user(std::string_view user, const ws::FrameRef& frame);
  Delivered to_room(std::string_view room, const ws::FrameRef& frame, Exclude exclude);
  Delivered broadcast(const ws::FrameRef& frame, Exclude exclude);

  /// Those who subscribed to `topic`; null: nobody.
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

  static Group& group(Groups& groups, Group::Kind kind, std::string_view name);
  static Group* find_group(const Groups& groups, std::string_view name);
  bool add_to_room(Member& member, std::string_view room);
  bool remove_from_room(Member& member, std::string_view room);
  void leave_group(Member& member, Group& group);

  MembershipObserver& observer_;
  boost::unordered_flat_map<ClientId, Member*> clients_;
  UserIndex<&ClientRecord::on_shard> users_;
  Groups rooms_;
  Groups topics_;
  Group everybody_{Group::Kind::everybody, {}};
};

}  // namespace wscast::hub
