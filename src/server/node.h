#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "wscast/calls.h"
#include "wscast/drain_options.h"
#include "wscast/external_server.h"
#include "wscast/listen_options.h"
#include "wscast/measurements.h"
#include "wscast/server_options.h"
#include "wscast/stats.h"

#include "base/named_log.h"
#include "http/node_view.h"
#include "net/engine.h"
#include "net/failed_authentications.h"
#include "server/backplane_port.h"
#include "server/channel_interest.h"
#include "server/client_control.h"
#include "server/directory.h"
#include "server/dispatcher.h"
#include "server/external_gateway.h"
#include "server/history_delivery.h"
#include "server/history_feed.h"
#include "server/history_interest.h"
#include "server/incident_log.h"
#include "server/net_shard_executor.h"
#include "server/remote_delivery.h"
#include "server/room_occupancy.h"
#include "server/server_calls.h"
#include "server/server_drain.h"
#include "server/shard_application.h"
#include "server/shard_router.h"
#include "server/shared_store.h"
#include "server/tls_listeners.h"
#include "server/tracer.h"
#include "session/history_rules.h"

namespace wscast::server {

/// One server: puts together what its shards share, and starts and stops them. Any thread.
class Node final : private http::NodeView {
 public:
  /// `options` must have been validated.
  explicit Node(ServerOptions options);
  ~Node() override;

  void configure();
  std::string listen(std::string_view endpoint, const ListenOptions& options);
  CertificateReload reload_certificates() { return tls_.reload(); }
  void drain(const DrainOptions& options);
  void shutdown();
  void wait();

  Dispatcher& dispatcher() { return dispatcher_; }
  ShardRouter& router() { return router_; }
  ClientControl& control() { return control_; }
  ExternalGateway& external() { return external_; }
  ServerCalls& server_calls() { return server_calls_; }
  Tracer& tracer() { return tracer_; }
  SharedStore& shared_store() { return shared_store_; }
  std::vector<std::string> update_options(ServerOptions wanted);

  /// As the server started; those that may change are each shard's own.
  const ServerOptions& options() const { return options_; }

  /// In force now.
  TransportOptions transport_options() const;
  const std::string& server_id() const { return server_id_; }
  const Directory& directory() const { return directory_; }
  const session::HistoryRules& history_rules() const { return history_rules_; }
  Stats stats() const override;
  Measurements measurements() const;
  std::vector<ServerInfo> servers() const { return server_calls_.servers(); }
  bool healthy() const override;

  // For tests.

  net::Engine& engine() { return engine_; }
  std::size_t unauthenticated() const { return context_.unauthenticated; }

 private:
  enum class State { made, starting, running, draining, stopping, stopped };

  std::string not_ready() const override;
  void on_message(const protocol::BackplaneMessage& message);
  ServerInfo describe() const;
  void connect_shards();
  std::optional<std::size_t> current_shard() const;
  ShardApplication& application(std::size_t shard) const;
  std::string listen(const net::Endpoint& endpoint, const ListenOptions& options,
                     std::shared_ptr<const net::StreamLayer> layer);
  /// Null: deliveries are not measured.
  const Clock* measuring_clock() const { return options_.measure ? &system_clock() : nullptr; }
  void start(std::unique_lock<std::mutex>& lock);
  void start_broker();
  void stop_broker();
  void run_stopper();
  void run_drain(const DrainOptions& options);
  void stop();
  void close_sessions();
  void await_sessions(SteadyTime begin) const;

  const ServerOptions options_;
  const std::string server_id_;
  const WallTime started_at_;
  const NamedLog log_;
  std::atomic<bool> running_{false};
  std::atomic<bool> draining_{false};  ///< Or drained before it stopped.
  const session::HistoryRules history_rules_;
  Directory directory_;
  Tracer tracer_{directory_, system_random(), system_clock()};
  ShardRouter router_;
  BackplanePort backplane_;
  ChannelInterest interest_;
  net::FailedAuthentications failed_authentications_;
  RoomOccupancy occupancy_;
  const HistoryInterest history_interest_{history_rules_, router_};
  NodeContext context_;
  net::Engine engine_;
  Dispatcher dispatcher_{running_,   server_id_,        log_,
                         directory_, router_,           backplane_,
                         tracer_,    measuring_clock(), &history_rules_};
  RemoteDelivery remote_delivery_{directory_, router_, tracer_, measuring_clock()};
  ClientControl control_{running_,  options_,   directory_,        router_,
                         interest_, occupancy_, &history_interest_};
  ExternalGateway external_{running_, directory_, router_};
  NetShardExecutor broker_executor_;
  HistoryDelivery history_delivery_{directory_, router_, tracer_, measuring_clock()};
  HistoryFeed history_;
  ServerCalls server_calls_{broker_executor_,
                            {options_, server_id_, running_, log_, backplane_},
                            [this] { return describe(); }};
  SharedStore shared_store_{broker_executor_, running_, backplane_, log_};
  TlsListeners tls_{system_clock(), system_random(), log_,
                    [this](std::string_view what, std::function<void()> body) {
                      return engine_.start_thread(what, std::move(body));
                    }};
  ServerDrain drain_;
  IncidentLog incidents_{log_};  ///< Of the first shard's thread, while that runs.
  mutable std::mutex
      mutex_;  ///< Guards starting and stopping; never held while waiting for a shard.
  std::condition_variable changed_;
  State state_ = State::made;
  DrainOptions drain_options_;
  bool started_ = false;                                    ///< Completely: clients may have come.
  std::optional<std::optional<std::string>> broker_ready_;  ///< Why it failed, if it did.
  /// Made by configure(), so that nothing can fail in shutdown(); waits for State::stopping.
  std::thread stopper_;
  mutable std::mutex options_mutex_;  ///< Guards what follows; one change at a time.
  ServerOptions in_force_;            ///< As the user wrote them, not completed().
};

}  // namespace wscast::server
