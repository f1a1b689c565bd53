#pragma once

#include <array>
#include <cstddef>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "base/client_id.h"
#include "base/string_hash.h"

namespace wscast::server {

/// Who is on which shard, and who is in which room: the one thing that shards share. Written when
/// membership changes, read once a message and by queries, never once a receiver. Any thread; the
/// locks are many and short.
class Directory {
 public:
  explicit Directory(std::size_t shards) : shards_(shards) {}

  void add(const ClientId& client, std::size_t shard);
  void remove(const ClientId& client);
  void join(const ClientId& client, std::size_t shard, std::string_view room);
  void leave(const ClientId& client, std::size_t shard, std::string_view room);

  std::optional<std::size_t> shard_of(const ClientId& client) const;

  /// The shards that have members of `room`; empty: there are none.
  std::vector<std::size_t> shards_of_room(std::string_view room) const;

  bool in_room(const ClientId& client, std::string_view room) const;
  std::size_t room_size(std::string_view room) const;
  std::size_t clients() const;

 private:
  static constexpr std::size_t kStripes = 64;

  struct Client {
    std::size_t shard = 0;
    bool in_own_room = false;  ///< The room named by its id takes no Room.
  };

  struct Room {
    boost::unordered_flat_set<ClientId> members;
    std::vector<std::size_t> members_by_shard;
  };

  struct ClientStripe {
    mutable std::mutex mutex;
    boost::unordered_flat_map<ClientId, Client> clients;
  };

  struct RoomStripe {
    mutable std::mutex mutex;
    boost::unordered_flat_map<std::string, Room, StringHash, std::equal_to<>> rooms;
  };

  ClientStripe& stripe_of(const ClientId& client);
  const ClientStripe& stripe_of(const ClientId& client) const;
  RoomStripe& stripe_of(std::string_view room);
  const RoomStripe& stripe_of(std::string_view room) const;
  void set_in_own_room(const ClientId& client, bool in);
  std::optional<Client> find(const ClientId& client) const;

  const std::size_t shards_;
  std::array<ClientStripe, kStripes> client_stripes_;
  std::array<RoomStripe, kStripes> room_stripes_;
};

}  // namespace wscast::server
