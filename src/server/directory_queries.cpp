#include <algorithm>
#include <iterator>
#include <utility>

#include "server/directory.h"

// What the directory says of clients and rooms.
namespace wscast::server {

bool Directory::in_room(const ClientId& client, std::string_view room) const {
  if (client.is(room)) {
    return with(client, [](const hub::ClientRecord& record) { return record.in_own_room; });
  }
  const RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.rooms.find(room);
  return found != stripe.rooms.end() && (*found)->members.contains(client);
}

bool Directory::occupied(std::string_view room) const {
  const RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
  const std::lock_guard lock(stripe.mutex);
  return stripe.rooms.contains(room);
}

std::size_t Directory::room_size(std::string_view room) const {
  std::size_t size = 0;
  if (const auto owner = ClientId::spelled(room)) size += in_room(*owner, room) ? 1 : 0;
  const RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.rooms.find(room);
  return size + (found == stripe.rooms.end() ? 0 : (*found)->members.size());
}

std::size_t Directory::clients() const {
  std::size_t count = 0;
  for (const ClientStripe& stripe : client_stripes_) {
    const std::lock_guard lock(stripe.mutex);
    count += stripe.clients.size();
  }
  return count;
}

std::size_t Directory::rooms() const {
  std::size_t count = 0;
  for (const RoomStripe& stripe : room_stripes_) {
    const std::lock_guard lock(stripe.mutex);
    count += stripe.rooms.size();
  }
  return count;
}

/// Call it under the client's lock.
ClientInfo Directory::info_of(const hub::ClientRecord& client) const {
  ClientInfo info;
  info.id = client.id.text();
  info.user_id = client.identity.user_id.view();
  info.state = client.state.load(std::memory_order_relaxed);
  std::ranges::transform(client.room_names, std::back_inserter(info.rooms),
                         [](const std::string* name) { return *name; });
  if (client.in_own_room) info.rooms.push_back(info.id);
  info.backpressured = client.backpressured.load(std::memory_order_relaxed);
  // One with keys is encrypted from the moment that they are known, the flag follows.
  info.encrypted =
      client.identity.keys != nullptr || client.encrypted.load(std::memory_order_relaxed);
  info.remote_address = client.remote_address();
  info.dropped_messages = client.lost.load(std::memory_order_relaxed);
  info.connected_at = client.connected_at;
  const auto silent = clock_.now() - client.last_activity.load(std::memory_order_relaxed);
  info.last_activity = clock_.wall() - std::chrono::duration_cast<WallTime::duration>(silent);
  info.metadata = client.identity.metadata;
  if (client.identity.keys) {
    info.server_public_key = client.identity.keys->server_public_key;
    info.salt = client.identity.keys->salt;
  }
  return info;
}

std::optional<ClientInfo> Directory::info(const ClientId& client) const {
  return with(client, [this](const hub::ClientRecord& record) -> std::optional<ClientInfo> {
    return info_of(record);
  });
}

std::vector<ClientInfo> Directory::infos() const {
  std::vector<ClientInfo> infos;
  for (const ClientStripe& stripe : client_stripes_) {
    const std::lock_guard lock(stripe.mutex);
    for (const hub::ClientRecord* client : stripe.clients) infos.push_back(info_of(*client));
  }
  return infos;
}

std::vector<ClientInfo> Directory::infos_of(const std::vector<ClientId>& clients) const {
  std::vector<ClientInfo> infos;
  infos.reserve(clients.size());
  for (const ClientId& client : clients) {
    if (auto one = info(client)) infos.push_back(std::move(*one));
  }
  return infos;
}

std::vector<ClientInfo> Directory::infos_of_user(std::string_view user) const {
  std::vector<ClientId> clients;
  {
    const UserStripe& stripe = user_stripes_.of(StringHash{}(user));
    const std::lock_guard lock(stripe.mutex);
    stripe.users.for_each(user, [&](const hub::ClientRecord& one) { clients.push_back(one.id); });
  }
  return infos_of(clients);
}

std::vector<ClientInfo> Directory::infos_of_room(std::string_view room) const {
  std::vector<ClientId> clients;
  {
    const RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.rooms.find(room);
    if (found != stripe.rooms.end()) {
      for (const hub::ClientRecord* member : (*found)->members) clients.push_back(member->id);
    }
  }
  if (const auto owner = ClientId::spelled(room); owner && in_room(*owner, room)) {
    clients.push_back(*owner);
  }
  return infos_of(clients);
}

}  // namespace wscast::server
