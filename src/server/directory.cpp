#include "server/directory.h"

#include <algorithm>
#include <utility>

#include "protocol/channel.h"

namespace wscast::server {
namespace {

using hub::ClientRecord;

void add_once(std::vector<std::size_t>& shards, std::size_t shard) {
  if (std::ranges::find(shards, shard) == shards.end()) shards.push_back(shard);
}

void forget_room(ClientRecord& client, const std::string& name) {
  const auto place = std::ranges::find(client.room_names, &name);
  if (place != client.room_names.end()) client.room_names.remove(place);
}

}  // namespace

void Directory::add(ClientRecord& client) {
  ClientStripe& stripe = client_stripes_.of(hash_value(client.id));
  const std::lock_guard lock(stripe.mutex);
  stripe.clients.insert(&client);
}

void Directory::remove(ClientRecord& client, Interest* interest) noexcept {
  ClientStripe& stripe = client_stripes_.of(hash_value(client.id));
  const std::lock_guard lock(stripe.mutex);
  stripe.clients.erase(&client);
  if (client.to_be_ended) abandoned_.fetch_sub(1, std::memory_order_relaxed);
  while (!client.room_names.empty()) exit_room(client, *client.room_names.back(), interest);
  exit_own_room(client, interest);
  const bool identified = client.state == ClientState::authenticated;
  if (interest != nullptr && identified) {
    interest->drop([&] { return protocol::client_channel(client.id.text()); });
  }
  const std::string_view user = client.identity.user_id.view();
  if (user.empty()) return;
  UserStripe& users = user_stripes_.of(StringHash{}(user));
  const std::lock_guard users_lock(users.mutex);
  users.users.remove(client);
  if (interest != nullptr && identified && !users.users.contains(user)) {
    interest->drop([&] { return protocol::user_channel(user); });
  }
}

hub::IdentifyResult Directory::identify(ClientRecord& client, hub::ClientIdentity identity,
                                        Interest* interest, std::size_t max_of_user) {
  using hub::IdentifyResult;
  ClientStripe& stripe = client_stripes_.of(hash_value(client.id));
  const std::lock_guard lock(stripe.mutex);
  const auto store = [&] {
    client.identity = std::move(identity);
    if (interest == nullptr) return;
    interest->subscribe.push_back(protocol::client_channel(client.id.text()));
  };
  if (identity.user_id.empty()) {
    store();
    return IdentifyResult::identified;
  }
  UserStripe& users = user_stripes_.of(StringHash{}(identity.user_id.view()));
  const std::lock_guard users_lock(users.mutex);
  if (users.revoked.revoked(identity.user_id.view(), clock_.wall())) return IdentifyResult::revoked;
  if (max_of_user > 0 && users.users.has_at_least(max_of_user, identity.user_id.view())) {
    return IdentifyResult::too_many_clients;
  }
  store();
  const std::string_view user = client.identity.user_id.view();
  if (interest != nullptr && !users.users.contains(user)) {
    interest->subscribe.push_back(protocol::user_channel(user));
  }
  users.users.add(client);
  return IdentifyResult::identified;
}

bool Directory::revoke(std::string_view user, WallTime until) {
  UserStripe& users = user_stripes_.of(StringHash{}(user));
  const std::lock_guard lock(users.mutex);
  const WallTime now = clock_.wall();
  users.revoked.revoke(user, until, now);
  return now < until;
}

/// What the client had is destroyed by the caller, without the lock.
void Directory::renew(ClientRecord& client, Metadata metadata) {
  const std::lock_guard lock(client_stripes_.of(hash_value(client.id)).mutex);
  std::swap(client.identity.metadata, metadata);
}

bool Directory::join(const ClientId& client, std::string_view room, Interest* interest) {
  return with(client, [&](ClientRecord& record) { return enter(record, room, interest); });
}

void Directory::leave(const ClientId& client, std::string_view room, Interest* interest) noexcept {
  with(client, [&](ClientRecord& record) {
    exit(record, room, interest);
    return true;
  });
}

std::optional<std::size_t> Directory::change(const ClientId& client, std::string_view room, bool in,
                                             Interest* interest) {
  return with(client, [&](ClientRecord& record) -> std::optional<std::size_t> {
    ClientStripe& stripe = client_stripes_.of(hash_value(client));
    ++stripe.changes[Place{client, std::string(room)}];
    if (!in) {
      exit(record, room, interest);
      return record.shard;
    }
    try {
      enter(record, room, interest);
    } catch (...) {
      stripe.uncount_change(client, room);
      throw;
    }
    return record.shard;
  });
}

std::optional<bool> Directory::settle(const ClientId& client, std::string_view room) noexcept {
  ClientStripe& stripe = client_stripes_.of(hash_value(client));
  const std::lock_guard lock(stripe.mutex);
  if (stripe.uncount_change(client, room) > 0) return std::nullopt;
  const auto found = stripe.clients.find(client);
  return found != stripe.clients.end() && is_member(**found, room);
}

void Directory::cancel_change(const ClientId& client, std::string_view room) noexcept {
  ClientStripe& stripe = client_stripes_.of(hash_value(client));
  const std::lock_guard lock(stripe.mutex);
  stripe.uncount_change(client, room);
}

void Directory::abandon(const ClientId& client, std::string_view room) noexcept {
  with(client, [&](ClientRecord& record) {
    exit(record, room, nullptr);
    if (!record.to_be_ended.exchange(true)) abandoned_.fetch_add(1, std::memory_order_relaxed);
    return true;
  });
}

std::size_t Directory::ClientStripe::uncount_change(const ClientId& client,
                                                    std::string_view room) noexcept {
  const auto change = changes.find(PlaceView{client, room});
  const std::size_t left = --change->second;
  if (left == 0) changes.erase(change);
  return left;
}

/// Returns whether it is the room's first member. False for the room of its own id.
bool Directory::enter(ClientRecord& client, std::string_view room, Interest* interest) {
  const bool own = client.id.is(room);
  const bool first = own ? !std::exchange(client.in_own_room, true) : add_to_room(client, room);
  if (!first || interest == nullptr) return first && !own;
  try {
    interest->subscribe.push_back(protocol::room_channel(room));
  } catch (...) {
    exit(client, room, nullptr);
    throw;
  }
  return !own;
}

void Directory::exit(ClientRecord& client, std::string_view room, Interest* interest) noexcept {
  if (client.id.is(room)) return exit_own_room(client, interest);
  exit_room(client, room, interest);
}

void Directory::exit_own_room(ClientRecord& client, Interest* interest) noexcept {
  if (!std::exchange(client.in_own_room, false) || interest == nullptr) return;
  interest->drop([&] { return protocol::room_channel(client.id.text()); });
}

bool Directory::is_member(const ClientRecord& client, std::string_view room) const {
  if (client.id.is(room)) return client.in_own_room;
  return std::ranges::any_of(client.room_names,
                             [room](const std::string* name) { return *name == room; });
}

/// Returns whether it is the room's first member.
bool Directory::add_to_room(ClientRecord& client, std::string_view room) {
  RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
  const std::lock_guard lock(stripe.mutex);
  auto found = stripe.rooms.find(room);
  const bool first = found == stripe.rooms.end();
  if (first) found = stripe.rooms.insert(std::make_unique<Room>(room, shards_)).first;
  Room& entry = **found;
  if (entry.members.contains(&client)) return false;
  try {
    client.room_names.push_back(&entry.name);
    entry.members.insert(&client);
  } catch (...) {
    forget_room(client, entry.name);
    if (first) stripe.rooms.erase(found);
    throw;
  }
  ++entry.members_by_shard[client.shard];
  return first;
}

/// `room` may be the room's own name, which goes with its last member.
void Directory::exit_room(ClientRecord& client, std::string_view room,
                          Interest* interest) noexcept {
  RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
  const std::lock_guard lock(stripe.mutex);
  const auto found = stripe.rooms.find(room);
  if (found == stripe.rooms.end()) return;
  Room& entry = **found;
  if (entry.members.erase(&client) == 0) return;
  --entry.members_by_shard[client.shard];
  forget_room(client, entry.name);
  if (!entry.members.empty()) return;
  if (interest != nullptr) interest->drop([&] { return protocol::room_channel(entry.name); });
  stripe.rooms.erase(found);
}

bool Directory::open_external(const ClientId& client) {
  ClientStripe& stripe = client_stripes_.of(hash_value(client));
  const std::lock_guard lock(stripe.mutex);
  return !stripe.clients.contains(client) && stripe.external.insert(client).second;
}

bool Directory::close_external(const ClientId& client) noexcept {
  ClientStripe& stripe = client_stripes_.of(hash_value(client));
  const std::lock_guard lock(stripe.mutex);
  return stripe.external.erase(client) > 0;
}

bool Directory::is_external(const ClientId& client) const {
  const ClientStripe& stripe = client_stripes_.of(hash_value(client));
  const std::lock_guard lock(stripe.mutex);
  return stripe.external.contains(client);
}

std::optional<std::size_t> Directory::shard_of(const ClientId& client) const {
  return with(client, [](const ClientRecord& record) -> std::optional<std::size_t> {
    return record.shard;
  });
}

std::optional<Directory::Pressure> Directory::pressure_of(const ClientId& client) const {
  return with(client, [](const ClientRecord& record) -> std::optional<Pressure> {
    return Pressure{.shard = record.shard,
                    .backpressured = record.backpressured.load(std::memory_order_relaxed),
                    .full = record.full.load(std::memory_order_relaxed)};
  });
}

std::optional<std::size_t> Directory::count_drop(const ClientId& client) const {
  return with(client, [](ClientRecord& record) -> std::optional<std::size_t> {
    record.lost.fetch_add(1);
    if (record.state.load(std::memory_order_relaxed) != ClientState::authenticated) return {};
    if (record.hole_announced.exchange(true)) return {};
    return record.shard;
  });
}

std::vector<std::size_t> Directory::shards_of_room(std::string_view room) const {
  std::vector<std::size_t> shards;
  {
    const RoomStripe& stripe = room_stripes_.of(StringHash{}(room));
    const std::lock_guard lock(stripe.mutex);
    const auto found = stripe.rooms.find(room);
    if (found != stripe.rooms.end()) {
      const auto& counts = (*found)->members_by_shard;
      for (std::size_t shard = 0; shard < counts.size(); ++shard) {
        if (counts[shard] > 0) shards.push_back(shard);
      }
    }
  }
  if (const auto owner = ClientId::spelled(room)) {
    with(*owner, [&](const ClientRecord& record) {
      if (record.in_own_room) add_once(shards, record.shard);
      return true;
    });
  }
  return shards;
}

std::vector<std::size_t> Directory::shards_of_user(std::string_view user) const {
  std::vector<std::size_t> shards;
  const UserStripe& stripe = user_stripes_.of(StringHash{}(user));
  const std::lock_guard lock(stripe.mutex);
  stripe.users.for_each(user, [&](const ClientRecord& client) { add_once(shards, client.shard); });
  return shards;
}

}  // namespace wscast::server
