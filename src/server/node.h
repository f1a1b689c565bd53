#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "wscast/calls.h"
#include "wscast/external_server.h"
#include "wscast/listen_options.h"
#include "wscast/server_options.h"
#include "wscast/stats.h"

#include "http/node_view.h"
#include "http/router.h"
#include "net/engine.h"
#include "server/backplane_port.h"
#include "server/courier.h"
#include "server/directory.h"
#include "server/dispatcher.h"
#include "server/shard_application.h"

namespace wscast::server {

/// One server: its shards, their directory and the courier between them; start and stop, and what
/// is done to clients; the dispatcher sends to them. Any thread.
class Node final : private http::NodeView {
 public:
  /// `options` were validated.
  explicit Node(ServerOptions options);
  ~Node() override;

  void configure();
  std::string listen(std::string_view endpoint, const ListenOptions& options);
  void shutdown();
  void wait();

  Dispatcher& dispatcher() { return dispatcher_; }

  std::error_code join_room(const Membership& membership);
  std::error_code leave_room(const Membership& membership);
  std::error_code enable_client_encryption(std::string_view client_id);
  std::error_code close_client(const CloseClient& call);
  std::error_code close_user(const CloseUser& call);

  // Of clients that an external WebSocket server holds. Their shard follows from their id.

  std::error_code open_external(std::string_view client_id,
                                std::shared_ptr<ExternalTransport> transport);
  std::error_code external_message(std::string_view client_id, std::string_view payload,
                                   bool binary);
  std::error_code external_close(std::string_view client_id);
  std::error_code external_drain(std::string_view client_id);

  const ServerOptions& options() const { return options_; }
  const std::string& server_id() const { return server_id_; }
  const Directory& directory() const { return directory_; }
  Stats stats() const override;

  /// For tests.
  net::Engine& engine() { return engine_; }

 private:
  enum class State { made, starting, running, stopping, stopped };

  bool healthy() const override;
  std::string not_ready() const override;
  ShardApplication& application(std::size_t shard) const;
  std::string listen(const net::Endpoint& endpoint, const ListenOptions& options);
  void start(std::unique_lock<std::mutex>& lock);
  void start_broker();
  void stop_broker();
  void hand(std::size_t shard, Delivery delivery);
  std::error_code change_membership(const Membership& membership, bool in);
  std::size_t external_shard_of(const ClientId& client) const;
  template <class Task>
  void on_external_shard(const ClientId& client, Task task);
  void run_stopper();
  void stop();
  void close_sessions();
  void await_sessions(SteadyTime begin) const;

  const ServerOptions options_;
  const std::string server_id_;
  const http::Router router_;
  const NamedLog log_;
  Directory directory_;
  Courier courier_;
  BackplanePort backplane_;
  NodeContext context_;
  net::Engine engine_;
  std::atomic<bool> running_{false};
  std::atomic<std::uint64_t> overloaded_{0};  ///< Messages of external clients that were refused.
  Dispatcher dispatcher_{running_, server_id_, log_, directory_, courier_, backplane_, engine_};
  std::shared_mutex opening_;  ///< Shared by who opens an external client.
  mutable std::mutex mutex_;   ///< Of start and stop alone. Nobody waits for a shard with it.
  std::condition_variable changed_;
  State state_ = State::made;
  bool started_ = false;                                    ///< All of it: clients may have come.
  std::optional<std::optional<std::string>> broker_ready_;  ///< Why it failed, or nothing.
  /// Made by configure(), so that nothing can fail in shutdown(); waits for State::stopping.
  std::thread stopper_;
};

}  // namespace wscast::server
