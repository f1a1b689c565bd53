#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/client_id.h"
#include "base/string_hash.h"
#include "hub/group.h"
#include "hub/member.h"
#include "hub/watcher.h"

namespace wscast::hub {

/// The clients, users and rooms of one shard: it is told who joins and leaves, and it knows who
/// receives what. Clients, users and rooms are three namespaces: a room may be called like a user.
/// No I/O; shard thread only.
class Hub {
 public:
  explicit Hub(Watcher& watcher) : watcher_(watcher) {}

  /// The client can be addressed by its id. False: one of that id is here already.
  bool add(Member& member);

  /// The client is in nothing any more. Knows no such client: nothing happens.
  void remove(Member& member);

  /// The client hears broadcasts, belongs to `user` (none if empty) and is in the room named by
  /// its own id (protocol.md M17).
  void authenticate(Member& member, std::string_view user);

  /// False: it was in that room already.
  bool join(Member& member, std::string_view room);

  /// False: it was not in that room.
  bool leave(Member& member, std::string_view room);

  bool in_room(const Member& member, std::string_view room) const;

  /// How many rooms the client is in.
  std::size_t room_count(const Member& member) const;

  Member* find(const ClientId& id) const;

  /// All clients, as a copy: they may leave while it is gone through.
  std::vector<Member*> members() const;

  Delivered to_client(const ClientId& id, const ws::FrameRef& frame);
  Delivered to_user(std::string_view user, const ws::FrameRef& frame);
  Delivered to_room(std::string_view room, const ws::FrameRef& frame, Exclude exclude);
  Delivered broadcast(const ws::FrameRef& frame, Exclude exclude);

  std::size_t clients() const { return clients_.size(); }
  std::size_t authenticated() const { return everybody_.size(); }

 private:
  using Groups =
      boost::unordered_flat_map<std::string, std::unique_ptr<Group>, StringHash, std::equal_to<>>;

  static Group& group(Groups& groups, Group::Kind kind, std::string_view name);
  void leave_group(Member& member, Group& group);

  Watcher& watcher_;
  boost::unordered_flat_map<ClientId, Member*> clients_;
  Groups users_;
  Groups rooms_;
  Group everybody_{Group::Kind::everybody, {}};
};

}  // namespace wscast::hub
