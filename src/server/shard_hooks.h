#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "wscast/server_options.h"

#include "hub/hub.h"
#include "server/hook_runner.h"
#include "server/named_log.h"
#include "server/publish_aggregator.h"
#include "server/shard_executor.h"
#include "server/shard_router.h"
#include "server/topics.h"
#include "session/delegate.h"
#include "session/session.h"

namespace wscast::server {

/// The hooks that a shard's sessions request: queued in order, run between loop iterations in
/// slices; their results go to the session if it is still there (session::Delegate says which
/// request is for what). A client whose hook met a full cross-shard queue is not read until there
/// is room again. Shard thread only, but for the counts.
class ShardHooks {
 public:
  /// All of them must outlive it.
  ShardHooks(ShardExecutor& executor, const ServerOptions& options, const NamedLog& log,
             const hub::Hub& hub, const ShardRouter& router, Topics& topics);
  ~ShardHooks();

  // The requests of session::Delegate that are hooks.

  void authenticate(session::Session& session, std::string data);
  bool handshake(session::Session& session, std::string data);
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms);
  bool handle(session::Session& session, session::InboundEvent message);
  bool connected(session::Session& session);
  void transform(session::Session& session);
  void on_draining_started(session::Session& session);
  void on_draining_finished(session::Session& session);
  void disconnected(session::Session& session);

  /// Queues the `on_result` of a message whose reports are complete.
  void complete(std::shared_ptr<PublishAggregator> aggregator);

  /// A call was refused because a cross-shard queue is full: the client whose hook runs is not read
  /// for now. No-op when no hook runs, as for messages of other servers.
  void on_overload() { overloaded_ = hook_runs_; }

  void run_slice();
  void run_transformers();

  /// The shard has ended: runs the `on_result`s that still wait, and no other hook.
  void run_results();

  /// There is work for another iteration.
  bool pending() const;

  /// Disconnected hooks that have not ended. Any thread.
  std::size_t open_disconnects() const { return open_disconnects_.load(std::memory_order_relaxed); }

  /// Closes that wait for the transformer. Any thread.
  std::size_t open_closes() const { return open_closes_.load(std::memory_order_relaxed); }

 private:
  struct RunAuthenticate {
    ClientId client;
    std::string data;
  };
  struct RunHandshake {
    ClientId client;
    std::string data;
    std::string user_id;
  };
  struct RunValidateRooms {
    ClientId client;
    std::vector<std::string> rooms;
  };
  struct RunMessage {
    ClientId client;
    session::InboundEvent message;
  };
  struct RunConnected {
    ClientId client;
  };
  struct RunDisconnected {
    ClientId client;
    std::string user_id;
    Metadata metadata;
  };
  struct RunResult {
    std::shared_ptr<PublishAggregator> aggregator;
  };
  /// One message that the outbound transformer has.
  struct Transformation {
    std::uint64_t number;
    ClientId client;
    SteadyTime deadline;
  };
  using Task = std::variant<RunAuthenticate, RunHandshake, RunValidateRooms, RunMessage,
                            RunConnected, RunDisconnected, RunResult>;

  void queue(Task task);
  void run(RunAuthenticate& task);
  void run(RunHandshake& task);
  void run(RunValidateRooms& task);
  void run(RunMessage& task);
  void run(RunConnected& task);
  void run(RunDisconnected& task);
  void run(RunResult& task);
  void run_transformer(session::Session& session);
  void on_transformed(std::uint64_t number, HookOutcome<std::optional<Transformed>> outcome);
  void await_transformer();
  void expire_transformations();
  void hold_if_overloaded(const ClientId& client);
  void await_room();
  session::Session* find(const ClientId& client);
  session::Session* find_sending(const ClientId& client);

  ShardExecutor& executor_;
  const ServerOptions& options_;
  const hub::Hub& hub_;
  const ShardRouter& router_;
  Topics& topics_;
  const std::shared_ptr<ShardExecutorHandle> handle_;
  HookRunner runner_;
  std::vector<Task> queued_;
  std::deque<ClientId> to_transform_;        ///< Their next message waits for the transformer.
  std::deque<Transformation> transforming_;  ///< In the order of their deadlines.
  std::uint64_t transformations_ = 0;
  bool awaits_transformer_ = false;
  /// Not in the hub any more, but with messages that wait for the transformer.
  boost::unordered_flat_map<ClientId, session::Session*> draining_;
  std::vector<ClientId> held_;  ///< Not read until the cross-shard queues have room.
  bool hook_runs_ = false;
  bool overloaded_ = false;  ///< By the hook that runs.
  std::atomic<std::size_t> open_disconnects_{0};
  std::atomic<std::size_t> open_closes_{0};
};

}  // namespace wscast::server
