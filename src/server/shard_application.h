#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/random.h"
#include "http/router.h"
#include "hub/hub.h"
#include "net/application.h"
#include "net/shard.h"
#include "server/backplane_port.h"
#include "server/courier.h"
#include "server/delivery.h"
#include "server/directory.h"
#include "server/external_client.h"
#include "server/leaving_clients.h"
#include "server/named_log.h"
#include "server/shard_hooks.h"
#include "server/topic_publisher.h"
#include "session/delegate.h"
#include "session/encrypted_channel.h"
#include "session/session.h"

namespace wscast::server {

/// What the shards of a node have in common. Outlives them.
struct NodeContext {
  const ServerOptions& options;
  const http::Router& router;
  Directory& directory;
  Courier& courier;
  Random& random;
  const NamedLog& log;
  BackplanePort& backplane;
  std::size_t max_unauthenticated;
  std::atomic<std::size_t> unauthenticated{0};  ///< Clients, of all shards.
};

/// One shard's part of the server: its sessions and its hub, fed by the shard's connections. Hooks
/// are queued by the sessions and run when all events of an iteration have been read. Shard thread
/// only, but for the counts.
class ShardApplication final : public net::Application,
                               private session::Delegate,
                               private hub::MembershipObserver,
                               private TopicPublisher {
 public:
  ShardApplication(net::Shard& shard, NodeContext& node);
  ~ShardApplication() override;

  /// That of a shard of a node.
  static ShardApplication& of(net::Shard& shard) {
    return static_cast<ShardApplication&>(shard.application());
  }

  /// Carries out what another thread, or a hook on this one, said.
  void receive(const Delivery& delivery);

  /// protocol.md T12.
  int send_to_client(const ClientId& client, const ws::FrameRef& frame);

  /// A hook's call was refused because a shard's inbox is full: the client is not read for now.
  void note_overload() { hooks_.note_overload(); }

  /// The result of a message to several is complete.
  void tell(std::shared_ptr<Tally> tally) { hooks_.tell(std::move(tally)); }

  /// Ends sessions that were silent for too long.
  void check_heartbeats();

  /// Shows that the shard's loop still runs.
  void tick() { last_tick_.store(shard_.now(), std::memory_order_relaxed); }

  /// Any thread.
  SteadyTime last_tick() const { return last_tick_.load(std::memory_order_relaxed); }

  /// Ends every session with 1001, and what is not a session yet.
  void close_all();

  // Clients of an external WebSocket server.

  void open_external(const ClientId& client, std::shared_ptr<ExternalTransport> transport);
  void external_message(const ClientId& client, bool binary, std::string_view payload);
  void external_close(const ClientId& client);
  void external_drain(const ClientId& client);

  http::WireResponse on_request(const http::RequestHead& head) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, bool binary, std::string_view payload) override;
  void on_backpressure(net::Connection& connection) override;
  void on_drain(net::Connection& connection) override;
  void on_deadline(net::Connection& connection) override;
  void on_close(net::Connection& connection, std::uint16_t code, std::string_view reason) override;
  bool on_control(net::Connection& connection, std::size_t payload_bytes) override;
  bool on_iteration_end() override;
  void on_stop() override;

  /// Any thread.
  std::size_t authenticated() const { return authenticated_.load(std::memory_order_relaxed); }

  /// Disconnected hooks that have not ended. Any thread.
  std::size_t open_disconnects() const { return hooks_.open_disconnects(); }

  /// Closes that wait for the transformer. Any thread.
  std::size_t open_closes() const { return hooks_.open_closes(); }

 private:
  void authenticate(session::Session& session, std::string data) override {
    hooks_.authenticate(session, std::move(data));
  }
  bool handshake(session::Session& session, std::string data) override {
    return hooks_.handshake(session, std::move(data));
  }
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms) override {
    return hooks_.validate_rooms(session, std::move(rooms));
  }
  bool subscribe_client(session::Session& session, std::string_view user_id) override;
  bool subscribe_rooms(session::Session& session, const std::vector<std::string>& rooms) override;
  bool handle(session::Session& session, session::InboundEvent message) override {
    return hooks_.handle(session, std::move(message));
  }
  bool connected(session::Session& session) override { return hooks_.connected(session); }
  void transform(session::Session& session) override { hooks_.transform(session); }
  void on_draining_started(session::Session& session) override {
    hooks_.on_draining_started(session);
  }
  void on_draining_finished(session::Session& session) override {
    hooks_.on_draining_finished(session);
  }
  void on_slow_consumer(session::Session& session) override;
  void on_idle(session::Session& session) override;
  void disconnected(session::Session& session) override { hooks_.disconnected(session); }

  void on_add(hub::ClientRecord& client) override;
  void on_remove(hub::ClientRecord& client) override;
  void identify(hub::ClientRecord& client, hub::ClientIdentity identity) override;
  void on_join(hub::ClientRecord& client, std::string_view room) override;
  void on_leave(hub::ClientRecord& client, std::string_view room) override;

  void subscribe(session::Session& session, std::string_view topic) override;
  void unsubscribe(session::Session& session, std::string_view topic) override;
  bool is_subscribed(const session::Session& session, std::string_view topic) const override;
  void publish(session::Session& session, std::string_view topic, std::string_view text) override;

  void carry_out(const Message& message);
  void carry_out(const MembershipChange& change);
  void carry_out(const EncryptionChange& change);
  void carry_out(const Closing& closing);
  void carry_out(const Publication& publication);
  void carry_out(const OccupancyChange& change);
  void carry_out(const Hearing& hearing);
  void carry_out(const Heard& heard);
  hub::Delivered deliver(const Message& message);
  hub::Delivered deliver_to_topic(std::string_view topic, const ws::FrameRef& frame,
                                  hub::Exclude exclude);

  void hear(const session::Session& session, std::vector<std::string> channels);
  void tell_broker(Occupancy occupancy);
  template <class Change>
  void with_occupancy(Change change);
  void to_shard(std::size_t shard, Delivery delivery);

  void end_broken_clients();
  void leave(session::Session& session, std::unique_ptr<net::Attachment> link);
  void end_closed_clients();
  void await_overdue_clients();
  void end_overdue_clients();
  void end_slow_clients();
  void sweep_external();
  void on_broken_transport(const ClientId& client, const char* call, const char* what);
  session::Session* find(const ClientId& client);
  void for_each_session(const std::function<void(session::Session&)>& visit);

  net::Shard& shard_;
  NodeContext& node_;
  hub::Hub hub_;
  ShardHooks hooks_;
  std::optional<session::ChannelContext> ecdh_;
  session::Context sessions_;
  const ExternalClient::OnBroken on_broken_;
  std::vector<ClientId> broken_;  ///< Their transports threw in this iteration.
  bool broken_logged_ = false;
  LeavingClients leaving_;
  bool awaits_overdue_ = false;
  std::vector<ClientId> closed_;  ///< Of those, who has nothing to handle any more.
  std::vector<ClientId> slow_clients_;
  boost::unordered_flat_map<ClientId, std::unique_ptr<ExternalClient>> external_;
  bool sweeps_external_ = false;
  std::atomic<SteadyTime> last_tick_;
  std::atomic<std::size_t> authenticated_{0};
};

}  // namespace wscast::server
