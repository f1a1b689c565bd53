#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/named_log.h"
#include "base/random.h"
#include "http/node_view.h"
#include "http/router.h"
#include "hub/hub.h"
#include "net/application.h"
#include "net/failed_authentications.h"
#include "net/shard.h"
#include "server/backplane_port.h"
#include "server/channel_interest.h"
#include "server/directory.h"
#include "server/external_clients.h"
#include "server/external_gateway.h"
#include "server/history_feed.h"
#include "server/leaving_clients.h"
#include "server/membership_recorder.h"
#include "server/net_shard_executor.h"
#include "server/option_changes.h"
#include "server/room_occupancy.h"
#include "server/server_drain.h"
#include "server/shard_command_handler.h"
#include "server/shard_delegate.h"
#include "server/shard_drain.h"
#include "server/shard_hooks.h"
#include "server/shard_measures.h"
#include "server/shard_router.h"
#include "server/shard_transformer.h"
#include "server/topics.h"
#include "session/encrypted_channel.h"
#include "session/history_rules.h"
#include "session/session.h"

namespace wscast::server {

/// What the shards of a node have in common. Outlives them.
struct NodeContext {
  const ServerOptions& options;
  const http::NodeView& view;
  Directory& directory;
  ShardRouter& router;
  Random& random;
  const NamedLog& log;
  BackplanePort& backplane;
  ChannelInterest& interest;
  net::FailedAuthentications& failed_authentications;
  const std::atomic<bool>& draining;  ///< No new clients are accepted.
  RoomOccupancy& occupancy;
  const session::HistoryRules& history_rules;
  const HistoryInterest* history_interest;  ///< Null: no room has a history.
  HistoryFeed& history;
  std::atomic<std::size_t> max_unauthenticated;
  std::atomic<std::size_t> unauthenticated{0};  ///< Clients of all shards.
};

/// One shard's side of the server: puts its parts together, opens a session for each connection,
/// and runs the parts once per loop iteration, when all its events have been read. Shard thread
/// only, except for the counts.
class ShardApplication final : public net::Application {
 public:
  ShardApplication(net::Shard& shard, NodeContext& node);
  ~ShardApplication() override { take_posted_options(); }
  ShardApplication(const ShardApplication&) = delete;
  ShardApplication& operator=(const ShardApplication&) = delete;

  /// `shard` must be one of a node.
  static ShardApplication& of(net::Shard& shard) {
    return static_cast<ShardApplication&>(shard.application());
  }

  /// For ShardRouter::connect, ExternalGateway::connect and ServerDrain::connect.
  ShardPort port() { return {&executor_, &commands_}; }
  ExternalGateway::Shard external() { return {&executor_, &external_}; }
  ServerDrain::Shard drain() { return {&executor_, &drain_}; }

  /// From now on, ends sessions that were silent for too long. Call it before the shard runs.
  void start_heartbeats();

  /// Replaces the shard's options, also for its clients, once the shard gets to it. Of several
  /// changes that wait the last one counts. One thread at a time.
  void post_options(std::unique_ptr<ShardOptions> options);

  /// Shows that the shard's loop still runs, and ends clients whose hub could not be told of a
  /// change (Directory::abandon).
  void tick();

  /// Any thread.
  SteadyTime last_tick() const { return last_tick_.load(std::memory_order_relaxed); }

  /// Ends every session with 1001, and what is not a session yet.
  void close_all();

  http::WireResponse on_request(const net::Connection& connection,
                                const http::RequestHead& head) override;
  void on_handover(HandedOverConnection connection) override;
  void on_open(net::Connection& connection) override;
  void on_message(net::Connection& connection, bool binary, std::string_view payload) override;
  void on_backpressure(net::Connection& connection) noexcept override;
  void on_drain(net::Connection& connection) override;
  void on_deadline(net::Connection& connection) override;
  void on_close(net::Connection& connection, std::uint16_t code,
                std::string_view reason) noexcept override;
  bool on_control(net::Connection& connection, std::size_t payload_bytes) override;
  bool on_iteration_end() override;
  void on_stop() override;

  /// Any thread.
  std::size_t authenticated() const { return authenticated_.load(std::memory_order_relaxed); }

  /// Disconnected and left hooks that have not ended. Any thread.
  std::size_t open_disconnects() const { return hooks_.open_disconnects(); }

  /// Null: not measured. Any thread.
  const ShardMeasures* measures() const { return measures_.get(); }

  /// Closes that wait for the transformer. Any thread.
  std::size_t open_closes() const { return transformer_.open_closes(); }

 private:
  std::unique_ptr<ShardOptions> take_posted_options();
  void change_options(ShardOptions options);
  void check_heartbeats();
  http::WireResponse admit(const net::Connection& connection, http::WireResponse response);
  std::chrono::seconds blocked_for(const net::Connection& connection) const;
  void for_each_session(const std::function<void(session::Session&)>& visit);

  net::Shard& shard_;
  NodeContext& node_;
  SessionOptions options_;  ///< The shard's own; those of connections are in `shard_`.
  std::vector<std::string> allowed_origins_;
  const http::Router http_router_;
  NetShardExecutor executor_;
  MembershipRecorder recorder_;
  hub::Hub hub_;
  const std::unique_ptr<ShardMeasures> measures_;  ///< Null: not measured.
  Topics topics_;
  ShardHooks hooks_;
  ShardTransformer transformer_;
  ShardDelegate delegate_;
  std::optional<session::ChannelContext> ecdh_;
  session::Context sessions_;
  LeavingClients leaving_;  // From here on: what holds sessions, which use all of the above.
  ExternalClients external_;
  ShardCommandHandler commands_;
  ShardDrain drain_;
  std::size_t heartbeats_ = 0;  ///< How often they were started; the last one counts.
  std::atomic<ShardOptions*> posted_options_{nullptr};  ///< Owned; null: no change waits.
  std::atomic<SteadyTime> last_tick_;
  std::atomic<std::size_t> authenticated_{0};
};

}  // namespace wscast::server
