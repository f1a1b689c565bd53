#pragma once

#include <array>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "wscast/client_info.h"

#include "base/client_id.h"
#include "base/clock.h"
#include "base/string_hash.h"
#include "hub/client_record.h"
#include "hub/user_index.h"

namespace wscast::server {

/// Channels of other servers (protocol.md section 3) that a change made this server need, because
/// it brought the first of a room, of a user, or a client itself, or need no more.
struct Occupancy {
  std::vector<std::string> begun;
  std::vector<std::string> ended;

  bool empty() const { return begun.empty() && ended.empty(); }
};

/// Who is on which shard, who belongs to which user and who is in which room: the one thing that
/// shards share. Written when membership changes, read once a message and by queries, never once a
/// receiver. Any thread; the locks are many and short. Holds no record but from add() to remove().
/// Changes tell in `occupancy`, unless that is null, what came of them.
class Directory {
 public:
  Directory(std::size_t shards, const Clock& clock) : shards_(shards), clock_(clock) {}

  // For the record's shard.

  void add(hub::ClientRecord& client);
  void remove(hub::ClientRecord& client, Occupancy* occupancy = nullptr);
  void identify(hub::ClientRecord& client, hub::ClientIdentity identity,
                Occupancy* occupancy = nullptr);

  void join(const ClientId& client, std::string_view room, Occupancy* occupancy = nullptr);
  void leave(const ClientId& client, std::string_view room, Occupancy* occupancy = nullptr);

  // Changes of membership by any thread. They answer the client's shard, which is to be told and
  // settles each of them; nothing when there is no such client.

  std::optional<std::size_t> change(const ClientId& client, std::string_view room, bool in,
                                    Occupancy* occupancy = nullptr);

  /// A change has reached the shard. Answers whether the client is in the room; nothing while
  /// further changes of the same are on their way: then this one counts as it was said.
  std::optional<bool> settle(const ClientId& client, std::string_view room);

  // Clients of an external WebSocket server, from its `open` to its `close`, whatever became of
  // their sessions meanwhile.

  /// False: a client of that id is there.
  bool open_external(const ClientId& client);
  bool close_external(const ClientId& client);
  bool is_external(const ClientId& client) const;

  // Who receives what.

  std::optional<std::size_t> shard_of(const ClientId& client) const;

  /// The shards that have members of `room`, or clients of `user`; empty: there are none.
  std::vector<std::size_t> shards_of_room(std::string_view room) const;
  std::vector<std::size_t> shards_of_user(std::string_view user) const;

  /// What the client's shard last told of it.
  struct Pressure {
    std::size_t shard;
    bool backpressured;
    bool full;
  };
  std::optional<Pressure> pressure_of(const ClientId& client) const;

  // Queries.

  bool in_room(const ClientId& client, std::string_view room) const;
  std::size_t room_size(std::string_view room) const;
  std::size_t clients() const;
  std::optional<ClientInfo> info(const ClientId& client) const;
  std::vector<ClientInfo> infos() const;
  std::vector<ClientInfo> infos_of_user(std::string_view user) const;
  std::vector<ClientInfo> infos_of_room(std::string_view room) const;

 private:
  static constexpr std::size_t kStripes = 64;

  struct ById {
    using is_transparent = void;
    static const ClientId& id(const ClientId& client) { return client; }
    static const ClientId& id(const hub::ClientRecord* client) { return client->id; }
    std::size_t operator()(const auto& key) const noexcept { return hash_value(id(key)); }
    bool operator()(const auto& a, const auto& b) const noexcept { return id(a) == id(b); }
  };
  struct Room {
    explicit Room(std::string_view given) : name(given) {}
    const std::string name;
    boost::unordered_flat_set<hub::ClientRecord*, ById, ById> members;
    std::vector<std::size_t> members_by_shard;
  };
  struct ByName {
    using is_transparent = void;
    static std::string_view name(std::string_view text) { return text; }
    static std::string_view name(const std::unique_ptr<Room>& room) { return room->name; }
    std::size_t operator()(const auto& key) const noexcept { return StringHash{}(name(key)); }
    bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
  };

  struct Place {
    ClientId client;
    std::string room;
    friend bool operator==(const Place&, const Place&) = default;
    friend std::size_t hash_value(const Place& place) noexcept {
      return hash_value(place.client) ^ StringHash {}(place.room);
    }
  };

  // Locks are taken in this order, at most one of a kind.
  struct ClientStripe {
    mutable std::mutex mutex;
    boost::unordered_flat_set<hub::ClientRecord*, ById, ById> clients;
    boost::unordered_flat_set<ClientId> external;
    boost::unordered_flat_map<Place, std::size_t> changes;  ///< On their way, how many of each.
  };
  struct RoomStripe {
    mutable std::mutex mutex;
    boost::unordered_flat_set<std::unique_ptr<Room>, ByName, ByName> rooms;
  };
  struct UserStripe {
    mutable std::mutex mutex;
    hub::UserIndex<&hub::ClientRecord::everywhere> users;
  };

  const ClientStripe& stripe_of(const ClientId& client) const;
  ClientStripe& stripe_of(const ClientId& client);
  const RoomStripe& room_stripe_of(std::string_view room) const;
  RoomStripe& room_stripe_of(std::string_view room);
  const UserStripe& user_stripe_of(std::string_view user) const;
  UserStripe& user_stripe_of(std::string_view user);

  void set_membership(hub::ClientRecord& client, std::string_view room, bool in,
                      Occupancy* occupancy);
  bool is_member(const hub::ClientRecord& client, std::string_view room) const;
  bool add_to_room(hub::ClientRecord& client, std::string_view room);
  bool remove_from_room(hub::ClientRecord& client, std::string_view room);
  ClientInfo info_of(const hub::ClientRecord& client) const;
  std::vector<ClientInfo> infos_of(const std::vector<ClientId>& clients) const;

  /// Runs `look` with the record under its lock; answers a default when there is no such client.
  template <class Look>
  auto with(const ClientId& client, Look look) const
      -> decltype(look(std::declval<hub::ClientRecord&>()));

  const std::size_t shards_;
  const Clock& clock_;
  std::array<ClientStripe, kStripes> client_stripes_;
  std::array<RoomStripe, kStripes> room_stripes_;
  std::array<UserStripe, kStripes> user_stripes_;
};

}  // namespace wscast::server
