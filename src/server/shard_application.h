#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/random.h"
#include "hub/hub.h"
#include "net/application.h"
#include "net/shard.h"
#include "server/courier.h"
#include "server/delivery.h"
#include "server/directory.h"
#include "server/hook_runner.h"
#include "server/site.h"
#include "session/host.h"
#include "session/session.h"

namespace wscast::server {

/// What the shards of a node have in common. Outlives them.
struct NodeContext {
  const ServerOptions& options;
  const Site& site;
  Directory& directory;
  Courier& courier;
  Random& random;
};

/// One shard's part of the server: its sessions and its hub, fed by the shard's connections. Hooks
/// are queued by the sessions and run when all events of a turn have been read. Shard thread only,
/// but for the counts.
class ShardApplication final : public net::Application,
                               private session::Host,
                               private hub::Watcher {
 public:
  ShardApplication(net::Shard& shard, NodeContext& node);

  /// Queues a message for its receivers on this shard.
  void deliver(const Delivery& delivery);

  /// Ends sessions that were silent for too long.
  void check_heartbeats();

  /// Ends every session with 1001, and what is not a session yet.
  void close_all();

  net::HttpAnswer on_request(const ws::RequestHead& head) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, bool binary, std::string_view payload) override;
  void on_deadline(net::Connection& connection) override;
  void on_close(net::Connection& connection, std::uint16_t code, std::string_view reason) override;
  bool on_turn_end() override;

  /// Any thread.
  std::size_t authenticated() const { return authenticated_.load(std::memory_order_relaxed); }

 private:
  struct RunAuthenticate {
    ClientId client;
    std::string data;
  };
  struct RunValidateRooms {
    ClientId client;
    std::vector<std::string> rooms;
  };
  struct RunMessage {
    ClientId client;
    session::Message message;
  };
  struct RunConnected {
    ClientId client;
  };
  struct RunDisconnected {
    ClientId client;
    std::string user_id;
  };
  using HookTask =
      std::variant<RunAuthenticate, RunValidateRooms, RunMessage, RunConnected, RunDisconnected>;

  void authenticate(session::Session& session, std::string data) override;
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms) override;
  bool handle(session::Session& session, session::Message message) override;
  bool connected(session::Session& session) override;
  void disconnected(session::Session& session) override;

  void on_add(const ClientId& client) override;
  void on_remove(const ClientId& client) override;
  void on_join(const ClientId& client, std::string_view room) override;
  void on_leave(const ClientId& client, std::string_view room) override;

  void queue(HookTask task);
  void run_hooks();
  void run(RunAuthenticate& task);
  void run(RunValidateRooms& task);
  void run(RunMessage& task);
  void run(RunConnected& task);
  void run(RunDisconnected& task);
  session::Session* find(const ClientId& client);
  void for_each_session(const std::function<void(session::Session&)>& visit);

  net::Shard& shard_;
  NodeContext& node_;
  HookRunner hooks_;
  hub::Hub hub_;
  session::Context sessions_;
  std::vector<HookTask> queued_hooks_;
  std::atomic<std::size_t> authenticated_{0};
};

}  // namespace wscast::server
