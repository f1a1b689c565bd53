#include "faults/world.h"

#include <algorithm>
#include <array>
#include <future>
#include <string_view>
#include <utility>

#include "wscast/json_fields.h"

#include "faults/external_victim.h"
#include "server/server_access.h"
#include "support/allocation_faults.h"

namespace wscast::faults {
namespace {

/// Whether nothing is on its way between shards.
bool is_idle(const Stats& stats) {
  return std::ranges::all_of(stats.shards,
                             [](const ShardStats& shard) { return shard.inbox_bytes == 0; });
}

/// What the application does with a request: on the shard's thread, where the faults are.
void respond(HandedOverConnection connection) {
  std::array<char, 1024> request{};
  connection.read(request);
  std::string_view rest = "HTTP/1.1 204 No Content\r\n\r\n";
  while (!rest.empty()) {
    const Transfer moved = connection.write(rest);
    if (moved.status == Transfer::Status::error) return;
    rest.remove_prefix(moved.bytes);
  }
  connection.give_back({});
}

}  // namespace

Door plain_door() {
  return {.name = "Plain"};
}

Door tls_door() {
  return {.name = "Tls", .tls = true};
}

Door encrypted_door() {
  return {.name = "Encrypted", .encrypted = true};
}

Door external_door() {
  return {.name = "External", .external = true};
}

World::World(std::size_t shards, const Door& door)
    : door_(door), fixture_(shards, [this](ServerOptions& options) {
        options.session.default_rooms = {"a default room for everybody"};
        if (door_.encrypted) options.encryption = ecdh({.clients = Encryption::optional});
        options.transport.io = Io::epoll;  // What fails are calls of send().
        options.transport.close_timeout = std::chrono::milliseconds(200);
        options.http.handover = {.paths = {"/handed-over"}, .take = respond};
        options.hooks.message = [this](const ClientMessage& message) {
          const auto fields = JsonFields::of(message.data);
          server().send({.destination = fields->string("room").value_or(""),
                         .event = message.event,
                         .data = fields->raw("data"),
                         .exclude = {std::string(message.client_id)}});
          server().send_to_client({.client_id = message.client_id, .event = "published"});
        };
        options.hooks.validate_rooms = [](const ValidateRoomsRequest& request,
                                          const Reply<std::vector<std::string>>& reply) {
          reply(std::vector<std::string>(request.rooms.begin(), request.rooms.end()));
        };
        options.hooks.connected = [](const ClientEvent& event) {
          event.socket->subscribe("a topic of everybody");
        };
        options.hooks.disconnected = [this](const ClientEvent&) { ++disconnected_; };
      }) {
  ServerAccess::node(server()).engine().set_placement(
      [shards](std::size_t number) { return number < kBystanders ? std::size_t{0} : shards - 1; });
  if (door.tls) {
    tls_.emplace(client::TlsSettings{.name = "a-name-that-fits-into-no-small-string.test"});
    fixture_.use_tls(server().listen("127.0.0.1:0", {.tls = TlsOptions{.self_signed = true}}),
                     *tls_);
  }
  bystanders_.emplace(fixture_);
}

void World::on_shard(std::size_t shard, const std::function<void()>& task) {
  std::promise<void> done;
  ServerAccess::node(server()).engine().shards().at(shard)->post([&] {
    task();
    done.set_value();
  });
  done.get_future().wait();
}

Stage World::run_victim(const std::function<bool()>& struck) {
  const auto between = [this] {
    const test::AllocationFaults::Pause pause;
    bystanders_->exchange();
  };
  if (door_.external) {
    const Stage reached = ExternalVictim(server(), struck, between).run();
    if (reached != Stage::start) ++external_;
    return reached;
  }
  Victim victim(fixture_.address(), tls_ ? &*tls_ : nullptr, struck, between);
  if (door_.encrypted) victim.encrypt();
  return victim.run();
}

void World::expect_no_trace() {
  const auto& node = ServerAccess::node(server());
  ServerFixture::await([&] {
    const Stats stats = server().stats();
    return stats.connections == kBystanders && stats.clients == kBystanders &&
           stats.authenticated == kBystanders &&
           disconnected_ == stats[Counter::upgrades] - kBystanders + external_ && is_idle(stats);
  });
  EXPECT_EQ(server().room_size("lobby"), kBystanders);
  EXPECT_EQ(server().room_size("a default room for everybody"), kBystanders);
  EXPECT_EQ(server().room_size("a room of the victim alone"), 0u);
  EXPECT_EQ(server().get_clients().size(), kBystanders);
  EXPECT_TRUE(server().get_clients_by_user("victim, who has a rather long name").empty());
  EXPECT_EQ(node.unauthenticated(), 0u);
  bystanders_->exchange();
}

}  // namespace wscast::faults
