#include <queue>
#include <utility>

#include "server/directory.h"

// Parts of the sorted lists of clients and rooms.
namespace wscast::server {
namespace {

/// Keeps the smallest of the keys that it is given.
template <class Key>
class Smallest {
 public:
  explicit Smallest(std::size_t most) : most_(most) {}

  bool wants(const auto& key) const {
    return keys_.size() < most_ || (most_ > 0 && key < keys_.top());
  }

  void add(Key key) {
    keys_.push(std::move(key));
    if (keys_.size() > most_) keys_.pop();
  }

  std::vector<Key> take() {
    std::vector<Key> sorted(keys_.size());
    while (!keys_.empty()) {
      sorted[keys_.size() - 1] = keys_.top();
      keys_.pop();
    }
    return sorted;
  }

 private:
  const std::size_t most_;
  std::priority_queue<Key> keys_;
};

}  // namespace

std::vector<ClientInfo> Directory::infos(const Page& page) const {
  Smallest<std::string> ids(page.limit);
  for (const ClientStripe& stripe : client_stripes_) {
    const std::lock_guard lock(stripe.mutex);
    for (const hub::ClientRecord* client : stripe.clients) {
      std::string id = client->id.text();
      if (id > page.after && ids.wants(id)) ids.add(std::move(id));
    }
  }
  std::vector<ClientId> clients;
  for (const std::string& id : ids.take()) clients.push_back(*ClientId::parse(id));
  return infos_of(clients);
}

std::vector<RoomInfo> Directory::rooms(const Page& page) const {
  Smallest<std::pair<std::string, std::size_t>> rooms(page.limit);
  for (const RoomStripe& stripe : room_stripes_) {
    const std::lock_guard lock(stripe.mutex);
    for (const auto& room : stripe.rooms) {
      if (room->name <= page.after) continue;
      std::pair entry{room->name, room->members.size()};
      if (rooms.wants(entry)) rooms.add(std::move(entry));
    }
  }
  std::vector<RoomInfo> infos;
  for (auto& [name, members] : rooms.take()) infos.push_back({std::move(name), members});
  return infos;
}

}  // namespace wscast::server
