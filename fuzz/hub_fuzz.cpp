// Lets bytes decide who comes, goes, joins, leaves and sends, and compares the hub with sets.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "choices.h"
#include "hub/hub.h"
#include "ids.h"
#include "stream.h"

namespace wscast {
namespace {

using fuzz::require;

const std::vector<std::string> kNames = {
    "a", "b", "", fuzz::kIds[0].text(), fuzz::kIds[1].text(), fuzz::kIds[2].text()};

/// Counts its notifications.
class MembershipObserver final : public hub::MembershipObserver {
 public:
  void on_add(hub::ClientRecord&) override { ++notifications; }
  void on_remove(hub::ClientRecord&) noexcept override { ++notifications; }
  hub::IdentifyResult identify(hub::ClientRecord& client, hub::ClientIdentity identity) override {
    client.identity = std::move(identity);
    return hub::IdentifyResult::identified;
  }
  void renew(hub::ClientRecord& client, Metadata metadata) override {
    client.identity.metadata = std::move(metadata);
  }
  void on_join(hub::ClientRecord&, std::string_view) override { ++notifications; }
  void on_leave(hub::ClientRecord&, std::string_view) noexcept override { ++notifications; }
  bool notes_each_leave() const noexcept override { return notes_leaves; }

  bool notes_leaves = false;
  int notifications = 0;
};

class Client final : public hub::Member {
 public:
  explicit Client(const ClientId& client) : Member(client, 0, SteadyTime(), WallTime()) {}

  int deliver(const ws::FrameRef&, hub::Address address) noexcept override {
    require(address == hub::Address::group, "reached as one of several");
    ++received;
    return takes ? -1 : 0;
  }

  int received = 0;
  bool takes = true;
};

using Set = std::set<hub::Member*>;
using Sets = std::map<std::string, Set, std::less<>>;

class Comparison {
 public:
  void step(fuzz::Choices& choices) {
    Client& client = choices.of(clients_);
    const std::string& name = choices.of(kNames);
    const std::size_t what = choices.below(9);
    observer_.notifications = 0;
    if (what == 0) {
      add(client);
    } else if (known_.contains(&client)) {
      change(client, name, what, choices.yes());
    } else {
      change_unknown(client, name);
    }
    for (const auto& other : kNames) compare(other, choices.yes());
    for (auto& other : clients_) compare(other);
    require(hub_.clients() == known_.size() && hub_.members().size() == known_.size(), "clients");
    require(hub_.authenticated() == everybody_.size(), "authenticated");
  }

  void finish() {
    for (auto& client : clients_) hub_.remove(client);
    for (const auto& name : kNames) {
      const auto left = hub_.to_room(name, frame_, {});
      require(left.accepted + left.dropped == 0, "nobody is left in a room");
      require(hub_.subscribers(name) == nullptr, "nobody is left in a topic");
    }
  }

 private:
  void add(Client& client) {
    bool taken = false;
    for (const auto* other : known_) taken = taken || other->id == client.id;
    require(hub_.add(client) != taken, "O21: of one id there is one");
    if (!taken) known_.insert(&client);
  }

  void change_unknown(Client& client, const std::string& name) {
    hub_.remove(client);
    hub_.subscribe(client, name);
    hub_.unsubscribe(client, name);
    require(!hub_.leave(client, name) && observer_.notifications == 0, "it is not here");
  }

  void change(Client& client, const std::string& name, std::size_t what, bool choice) {
    switch (what) {
      case 1:
        return remove(client);
      case 2:
        if (everybody_.insert(&client).second) authenticate(client, name);
        return;
      case 3:
        return check_notified(hub_.join(client, name), rooms_[name].insert(&client).second);
      case 4:
        return check_notified(hub_.leave(client, name), rooms_[name].erase(&client) > 0);
      case 5:
        hub_.follow(client, name, choice);
        choice ? void(rooms_[name].insert(&client)) : void(rooms_[name].erase(&client));
        return require(observer_.notifications == 0, "following does not notify");
      case 6:
        hub_.subscribe(client, name);
        topics_[name].insert(&client);
        return;
      case 7:
        hub_.unsubscribe(client, name);
        topics_[name].erase(&client);
        return;
      default:
        client.takes = choice;
    }
  }

  void authenticate(Client& client, const std::string& user) {
    hub_.authenticate(client, {.user_id = user});
    if (!user.empty()) users_[user].insert(&client);
    const bool joined = rooms_[client.id.text()].insert(&client).second;
    require(observer_.notifications == (joined ? 1 : 0), "M17: it is in its own room");
  }

  void remove(Client& client) {
    int rooms = 0;
    for (const auto& [name, members] : rooms_) {
      if (name != client.id.text() && members.contains(&client)) ++rooms;
    }
    observer_.notes_leaves = rooms % 2 == 1;  // Without a choice of its own.
    hub_.remove(client);
    require(observer_.notifications == 1 + (observer_.notes_leaves ? rooms : 0),
            "notified of the end, and of each room if that is wanted");
    known_.erase(&client);
    everybody_.erase(&client);
    for (auto* sets : {&users_, &rooms_, &topics_}) {
      for (auto& [name, set] : *sets) set.erase(&client);
    }
  }

  void check_notified(bool result, bool changed) {
    require(result == changed, "returns whether that changed anything");
    require(observer_.notifications == (changed ? 1 : 0),
            "notified of each change, and of nothing else");
  }

  void compare(Client& client) {
    std::size_t rooms = 0;
    for (const auto& name : kNames) {
      rooms += rooms_[name].contains(&client) ? 1 : 0;
      require(hub_.in_room(client, name) == rooms_[name].contains(&client), "in room");
      require(hub_.is_subscribed(client, name) == topics_[name].contains(&client), "in topic");
    }
    require(hub_.room_count(client) == rooms, "rooms of a client");
    if (known_.contains(&client)) require(hub_.find(client.id) == &client, "found by its id");
  }

  void compare(const std::string& name, bool excluding) {
    std::vector<ClientId> exclude;
    if (excluding) exclude.push_back(fuzz::kIds[0]);
    reaches(hub_.to_room(name, frame_, exclude), rooms_[name], exclude);
    if (!ClientId::parse(name)) compare_history(name, exclude);
    reaches(hub_.to_user(name, frame_), users_[name], {});
    reaches(hub_.broadcast(frame_, exclude), everybody_, exclude);
    require(hub_.members_of_user(name).size() == users_[name].size(), "clients of a user");
    hub::Delivered delivered;
    const auto* topic = hub_.subscribers(name);
    require((topic == nullptr) == topics_[name].empty(), "an empty topic is none");
    for (auto* member : topic == nullptr ? std::vector<hub::Member*>() : topic->members()) {
      hub::deliver_to(*member, frame_, exclude, delivered);
    }
    reaches(delivered, topics_[name], exclude);
  }

  /// Rooms that are named by a client have no history.
  void compare_history(const std::string& room, const std::vector<ClientId>& exclude) {
    const hub::HistoryMessage message({.room = room,
                                       .position = {1, "e"},
                                       .event = "x",
                                       .head = R"({"event":"x")",
                                       .tail = R"(,"offset":1})",
                                       .exclude = exclude});
    reaches(hub_.to_room(message, {}), rooms_[room], exclude);
    require(hub_.members_of_room(room).size() == rooms_[room].size(), "members of a room");
    require(message.plain().payload_size == message.bytes() - 11, "the form without a position");
    require(message.positioned().payload_size == message.bytes(), "the form with it");
  }

  /// A message came to `delivered`; it should have come to `receivers` but those excluded.
  void reaches(hub::Delivered delivered, const Set& receivers, hub::Exclude exclude) {
    for (auto& client : clients_) {
      const bool excluded = !exclude.empty() && exclude[0] == client.id;
      const int wanted = receivers.contains(&client) && !excluded ? 1 : 0;
      require(std::exchange(client.received, 0) == wanted, "the receivers, each once");
      (client.takes ? delivered.accepted : delivered.dropped) -= static_cast<std::size_t>(wanted);
    }
    require(delivered.accepted == 0 && delivered.dropped == 0, "counted as they took it");
  }

  MembershipObserver observer_;
  hub::Hub hub_{observer_};
  ws::FrameRef frame_ = ws::make_frame(ws::Opcode::text, "x");
  std::array<Client, 4> clients_{Client(fuzz::kIds[0]), Client(fuzz::kIds[1]),
                                 Client(fuzz::kIds[2]), Client(fuzz::kIds[0])};
  Set known_;
  Set everybody_;
  Sets users_;
  Sets rooms_;
  Sets topics_;
};

}  // namespace
}  // namespace wscast

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wscast::fuzz::Choices choices(data, size);
  wscast::Comparison comparison;
  while (!choices.done()) comparison.step(choices);
  comparison.finish();
  return 0;
}
