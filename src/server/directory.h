#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "wscast/client_info.h"
#include "wscast/page.h"

#include "base/client_id.h"
#include "base/clock.h"
#include "base/string_hash.h"
#include "hub/by_client_id.h"
#include "hub/client_record.h"
#include "hub/membership_observer.h"
#include "hub/user_index.h"
#include "server/interest.h"
#include "server/revoked_users.h"

namespace wscast::server {

/// The clients of all shards, with their users and rooms: the one thing that shards share. Written
/// when membership changes; read by queries and once per message, never once per receiver. Any
/// thread; the locks are many and short. Holds a record from add() to remove(). Changes add to
/// `interest`, unless that is null, the channels that became needed or unneeded.
///
/// What adds throws std::bad_alloc, and has then done nothing, except identify(): after that the
/// client is to be removed. What removes needs no memory. Queries may throw std::bad_alloc.
class Directory {
 public:
  Directory(std::size_t shards, const Clock& clock) : shards_(shards), clock_(clock) {}

  std::size_t shards() const { return shards_; }

  // For the record's shard.

  void add(hub::ClientRecord& client);
  void remove(hub::ClientRecord& client, Interest* interest = nullptr) noexcept;

  /// Has done nothing if the user is revoked, or has `max_of_user` clients already; 0: no limit.
  /// Takes time in proportion to that.
  hub::IdentifyResult identify(hub::ClientRecord& client, hub::ClientIdentity identity,
                               Interest* interest = nullptr, std::size_t max_of_user = 0);

  /// Changes the metadata of an identified client.
  void renew(hub::ClientRecord& client, Metadata metadata);

  /// Runs `change`, which changes what the record's remote_address() reads.
  template <class Change>
  void change_address(const hub::ClientRecord& client, Change change) {
    const std::lock_guard lock(client_stripes_.of(hash_value(client.id)).mutex);
    change();
  }

  /// Returns whether it is the room's first member. False for the room of its own id.
  bool join(const ClientId& client, std::string_view room, Interest* interest = nullptr);
  void leave(const ClientId& client, std::string_view room, Interest* interest = nullptr) noexcept;

  /// Changes membership, for any thread. Returns the client's shard, which is then to settle() the
  /// change; nothing if the client is unknown.
  std::optional<std::size_t> change(const ClientId& client, std::string_view room, bool in,
                                    Interest* interest = nullptr);

  /// A change has reached the client's shard. Returns whether the client is in the room; nothing
  /// while further changes of the same are on their way: then this one counts as it was made.
  std::optional<bool> settle(const ClientId& client, std::string_view room) noexcept;

  /// A change is not on its way to the client's shard after all.
  void cancel_change(const ClientId& client, std::string_view room) noexcept;

  /// A change could not be made completely, for want of memory: takes the client out of the room,
  /// without a word to the broker, and marks it as one that its shard is to end
  /// (ClientRecord::to_be_ended).
  void abandon(const ClientId& client, std::string_view room) noexcept;

  /// The number of clients that abandon() marked. Any thread.
  std::size_t abandoned() const { return abandoned_.load(std::memory_order_relaxed); }

  // Clients of an external WebSocket server are known from its `open` to its `close`, even when
  // their sessions end earlier.

  /// False: there is a client of that id.
  bool open_external(const ClientId& client);

  /// False: unknown.
  bool close_external(const ClientId& client) noexcept;
  bool is_external(const ClientId& client) const;

  // Routing.

  std::optional<std::size_t> shard_of(const ClientId& client) const;

  /// Returns the shards that have members of `room`, or clients of `user`.
  std::vector<std::size_t> shards_of_room(std::string_view room) const;
  std::vector<std::size_t> shards_of_user(std::string_view user) const;

  /// Backpressure of a client, as last seen by its shard.
  struct Pressure {
    std::size_t shard;
    bool backpressured;
    bool full;
  };
  std::optional<Pressure> pressure_of(const ClientId& client) const;

  /// Counts a message that was dropped on its way to the client's shard. Returns the shard if that
  /// is to be notified (HoleNotice): it does not know of the hole yet.
  std::optional<std::size_t> count_drop(const ClientId& client) const;

  // Revoked users (protocol.md X9).

  /// Identifies no client of the user from now until `until`. Returns false for a time that has
  /// come: the user is let in again.
  bool revoke(std::string_view user, WallTime until);

  // Queries.

  bool in_room(const ClientId& client, std::string_view room) const;

  /// Whether the room has members; the room of a client's id: others than that client.
  bool occupied(std::string_view room) const;
  std::size_t room_size(std::string_view room) const;
  std::size_t clients() const;

  /// How many rooms have members, without the rooms of clients' own ids.
  std::size_t rooms() const;
  std::optional<ClientInfo> info(const ClientId& client) const;
  std::vector<ClientInfo> infos() const;

  /// In the order of their ids. Takes time in proportion to all clients.
  std::vector<ClientInfo> infos(const Page& page) const;

  /// In the order of their names; without the room of a client's id. Takes time in proportion to
  /// all rooms.
  std::vector<RoomInfo> rooms(const Page& page) const;
  std::vector<ClientInfo> infos_of_user(std::string_view user) const;
  std::vector<ClientInfo> infos_of_room(std::string_view room) const;

 private:
  /// Parts of a table, each with a lock of its own.
  template <class Stripe>
  class Striped {
   public:
    Stripe& of(std::size_t hash) { return stripes_[hash % kStripes]; }
    const Stripe& of(std::size_t hash) const { return stripes_[hash % kStripes]; }
    auto begin() const { return stripes_.begin(); }
    auto end() const { return stripes_.end(); }

   private:
    static constexpr std::size_t kStripes = 64;

    std::array<Stripe, kStripes> stripes_;
  };

  struct Room {
    Room(std::string_view given, std::size_t shards) : name(given), members_by_shard(shards) {}
    const std::string name;
    boost::unordered_flat_set<hub::ClientRecord*, hub::ByClientId, hub::ByClientId> members;
    std::vector<std::size_t> members_by_shard;
  };
  struct ByName {
    using is_transparent = void;
    static std::string_view name(std::string_view text) { return text; }
    static std::string_view name(const std::unique_ptr<Room>& room) { return room->name; }
    std::size_t operator()(const auto& key) const noexcept { return StringHash{}(name(key)); }
    bool operator()(const auto& a, const auto& b) const noexcept { return name(a) == name(b); }
  };

  template <class Text>
  struct BasicPlace {
    ClientId client;
    Text room;
  };
  using Place = BasicPlace<std::string>;
  using PlaceView = BasicPlace<std::string_view>;
  struct ByPlace {
    using is_transparent = void;
    std::size_t operator()(const auto& place) const noexcept {
      return hash_value(place.client) ^ StringHash {}(place.room);
    }
    bool operator()(const auto& a, const auto& b) const noexcept {
      return a.client == b.client && a.room == b.room;
    }
  };

  // Locks are taken in this order, at most one of a kind.
  struct ClientStripe {
    mutable std::mutex mutex;
    boost::unordered_flat_set<hub::ClientRecord*, hub::ByClientId, hub::ByClientId> clients;
    boost::unordered_flat_set<ClientId> external;
    boost::unordered_flat_map<Place, std::size_t, ByPlace, ByPlace>
        changes;  ///< On their way to shards; how many of each.

    /// Counts one change less. Returns how many are left.
    std::size_t uncount_change(const ClientId& client, std::string_view room) noexcept;
  };
  struct RoomStripe {
    mutable std::mutex mutex;
    boost::unordered_flat_set<std::unique_ptr<Room>, ByName, ByName> rooms;
  };
  struct UserStripe {
    mutable std::mutex mutex;
    hub::UserIndex<&hub::ClientRecord::everywhere> users;
    RevokedUsers revoked;
  };

  bool enter(hub::ClientRecord& client, std::string_view room, Interest* interest);
  void exit(hub::ClientRecord& client, std::string_view room, Interest* interest) noexcept;
  void exit_room(hub::ClientRecord& client, std::string_view room, Interest* interest) noexcept;
  void exit_own_room(hub::ClientRecord& client, Interest* interest) noexcept;
  bool is_member(const hub::ClientRecord& client, std::string_view room) const;
  bool add_to_room(hub::ClientRecord& client, std::string_view room);
  ClientInfo info_of(const hub::ClientRecord& client) const;
  std::vector<ClientInfo> infos_of(const std::vector<ClientId>& clients) const;

  /// Runs `look` with the record under its lock; returns a default if the client is unknown.
  template <class Look>
  auto with(const ClientId& client, Look look) const
      -> decltype(look(std::declval<hub::ClientRecord&>()));

  const std::size_t shards_;
  const Clock& clock_;
  Striped<ClientStripe> client_stripes_;
  Striped<RoomStripe> room_stripes_;
  Striped<UserStripe> user_stripes_;
  std::atomic<std::size_t> abandoned_{0};
};

template <class Look>
auto Directory::with(const ClientId& client, Look look) const
    -> decltype(look(std::declval<hub::ClientRecord&>())) {
  const ClientStripe& stripe = client_stripes_.of(hash_value(client));
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.clients.find(client);
  if (found == stripe.clients.end()) return {};
  return look(**found);
}

}  // namespace wscast::server
