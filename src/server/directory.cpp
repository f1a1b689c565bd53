#include "server/directory.h"

#include <algorithm>

namespace wscast::server {

void Directory::add(const ClientId& client, std::size_t shard) {
  ClientStripe& stripe = stripe_of(client);
  const std::lock_guard lock(stripe.mutex);
  stripe.clients[client] = {.shard = shard};
}

void Directory::remove(const ClientId& client) {
  ClientStripe& stripe = stripe_of(client);
  const std::lock_guard lock(stripe.mutex);
  stripe.clients.erase(client);
}

void Directory::join(const ClientId& client, std::size_t shard, std::string_view room) {
  if (ClientId::parse(room) == client) return set_in_own_room(client, true);
  RoomStripe& stripe = stripe_of(room);
  const std::lock_guard lock(stripe.mutex);
  auto found = stripe.rooms.find(room);
  if (found == stripe.rooms.end()) found = stripe.rooms.emplace(room, Room{}).first;
  Room& entry = found->second;
  entry.members_by_shard.resize(shards_);
  if (entry.members.insert(client).second) ++entry.members_by_shard[shard];
}

void Directory::leave(const ClientId& client, std::size_t shard, std::string_view room) {
  if (ClientId::parse(room) == client) return set_in_own_room(client, false);
  RoomStripe& stripe = stripe_of(room);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.rooms.find(room);
  if (found == stripe.rooms.end()) return;
  if (found->second.members.erase(client) > 0) --found->second.members_by_shard[shard];
  if (found->second.members.empty()) stripe.rooms.erase(found);
}

void Directory::set_in_own_room(const ClientId& client, bool in) {
  ClientStripe& stripe = stripe_of(client);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.clients.find(client);
  if (found != stripe.clients.end()) found->second.in_own_room = in;
}

std::optional<std::size_t> Directory::shard_of(const ClientId& client) const {
  const auto found = find(client);
  return found ? std::optional(found->shard) : std::nullopt;
}

std::vector<std::size_t> Directory::shards_of_room(std::string_view room) const {
  std::vector<std::size_t> answer;
  {
    const RoomStripe& stripe = stripe_of(room);
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.rooms.find(room);
    if (found != stripe.rooms.end()) {
      const auto& counts = found->second.members_by_shard;
      for (std::size_t shard = 0; shard < counts.size(); ++shard) {
        if (counts[shard] > 0) answer.push_back(shard);
      }
    }
  }
  if (const auto owner = ClientId::parse(room)) {
    const auto client = find(*owner);
    const bool missing =
        client && client->in_own_room && std::ranges::find(answer, client->shard) == answer.end();
    if (missing) answer.push_back(client->shard);
  }
  return answer;
}

bool Directory::in_room(const ClientId& client, std::string_view room) const {
  if (ClientId::parse(room) == client) {
    const auto found = find(client);
    return found && found->in_own_room;
  }
  const RoomStripe& stripe = stripe_of(room);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.rooms.find(room);
  return found != stripe.rooms.end() && found->second.members.contains(client);
}

std::size_t Directory::room_size(std::string_view room) const {
  std::size_t size = 0;
  if (const auto owner = ClientId::parse(room)) size += in_room(*owner, room) ? 1 : 0;
  const RoomStripe& stripe = stripe_of(room);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.rooms.find(room);
  return size + (found == stripe.rooms.end() ? 0 : found->second.members.size());
}

std::size_t Directory::clients() const {
  std::size_t count = 0;
  for (const ClientStripe& stripe : client_stripes_) {
    const std::lock_guard lock(stripe.mutex);
    count += stripe.clients.size();
  }
  return count;
}

std::optional<Directory::Client> Directory::find(const ClientId& client) const {
  const ClientStripe& stripe = stripe_of(client);
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.clients.find(client);
  return found == stripe.clients.end() ? std::nullopt : std::optional(found->second);
}

const Directory::ClientStripe& Directory::stripe_of(const ClientId& client) const {
  return client_stripes_[hash_value(client) % kStripes];
}

Directory::ClientStripe& Directory::stripe_of(const ClientId& client) {
  return client_stripes_[hash_value(client) % kStripes];
}

const Directory::RoomStripe& Directory::stripe_of(std::string_view room) const {
  return room_stripes_[StringHash{}(room) % kStripes];
}

Directory::RoomStripe& Directory::stripe_of(std::string_view room) {
  return room_stripes_[StringHash{}(room) % kStripes];
}

}  // namespace wscast::server
