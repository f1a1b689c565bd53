#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "wscast/server_options.h"

#include "base/named_log.h"
#include "hub/hub.h"
#include "server/hook_runner.h"
#include "server/periodic_sweep.h"
#include "server/publish_aggregator.h"
#include "server/room_events.h"
#include "server/room_occupancy.h"
#include "server/shard_executor.h"
#include "server/shard_router.h"
#include "server/topics.h"
#include "session/delegate.h"
#include "session/session.h"

namespace wscast::server {

/// The hooks that a shard's sessions request: queued in order, run between loop iterations in
/// slices; their results go to the session if it is still there (session::Delegate says which
/// request is for what). A client is paused when its hook meets a full cross-shard queue, until
/// there is room again. Shard thread only, except for the counts.
class ShardHooks final : public RoomEvents {
 public:
  /// All of them must outlive it. `times`: as HookRunner takes it.
  ShardHooks(ShardExecutor& executor, const ServerOptions& options, const NamedLog& log,
             const hub::Hub& hub, const ShardRouter& router, Topics& topics,
             RoomOccupancy& occupancy, HookTimes* times = nullptr);

  // The requests of session::Delegate that are hooks.

  void authenticate(session::Session& session, std::string data);
  bool handshake(session::Session& session, std::string data);
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms);
  bool handle(session::Session& session, session::InboundEvent message);
  bool connected(session::Session& session);

  /// Takes no memory while fewer than kRoomForEnds of these two wait.
  void disconnected(session::Session& session) noexcept;

  // Memberships. The hooks get the client as it is now.

  bool wanted() const noexcept override { return options_.hooks.joined || options_.hooks.left; }
  void on_joined(const hub::ClientRecord& client, std::string_view room) override;
  void on_left(const hub::ClientRecord& client, std::string_view room) noexcept override;

  /// Queues the RoomCheck of a room that belongs to this shard.
  void check_room(const std::string& room) { queue(RunRoomCheck{room, {}}); }

  /// Queues the `on_result` of a message: all its reports have come.
  void complete(std::shared_ptr<PublishAggregator> aggregator) noexcept;

  /// A command was refused because a cross-shard queue is full: pauses the client of the hook that
  /// runs. No-op when no hook runs, as for messages of other servers.
  void on_overload() noexcept { overloaded_ = hook_runs_; }

  /// What a request needs memory for and does not get ends its client; hooks that report the end of
  /// something wait.
  void run_slice() noexcept;

  /// The shard has ended: runs the `on_result`s that still wait, and no other hook.
  void run_results();

  /// There is work for another iteration.
  bool pending() const { return !queued_.empty(); }

  /// Disconnected and left hooks that have not ended. Any thread.
  std::size_t open_disconnects() const { return open_disconnects_.load(std::memory_order_relaxed); }

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
    ShortText user_id;
    Metadata metadata;
  };
  struct RunJoined {
    ClientId client;
    std::string user_id;
    std::string room;
    Metadata metadata;
  };
  struct RunLeft {
    RunJoined membership;
  };
  struct RunRoomCheck {
    std::string room;
    std::optional<bool> occupied;  ///< Settled, and still to be reported.
  };
  struct RunResult {
    std::shared_ptr<PublishAggregator> aggregator;
  };
  using Task =
      std::variant<RunAuthenticate, RunHandshake, RunValidateRooms, RunMessage, RunConnected,
                   RunDisconnected, RunJoined, RunLeft, RunRoomCheck, RunResult>;

  template <class Request>
  void queue(Request request) {
    keep_room();
    queued_.emplace_back(std::move(request));
    executor_.request_iteration();
  }
  template <class Request>
  void queue_end(Request request) noexcept;
  void keep_room();
  bool is_reported(const hub::ClientRecord& client, std::string_view room) const;
  static bool reports_an_end(const Task& task);
  static MembershipEvent event_of(std::string_view id, const RunJoined& task);
  bool run_next(Task& task) noexcept;
  void give_up(const Task& task) noexcept;
  void run(RunAuthenticate& task);
  void run(RunHandshake& task);
  void run(RunValidateRooms& task);
  void run(RunMessage& task);
  void run(RunConnected& task);
  void run(RunDisconnected& task);
  void run(RunJoined& task);
  void run(RunLeft& task);
  void run(RunRoomCheck& task);
  void run(RunResult& task);
  void finish_hook(const ClientId& client) noexcept;
  void hold_if_overloaded(const ClientId& client);
  bool release_held();
  session::Session* find(const ClientId& client);

  ShardExecutor& executor_;
  const ServerOptions& options_;
  const hub::Hub& hub_;
  const ShardRouter& router_;
  Topics& topics_;
  RoomOccupancy& occupancy_;
  HookRunner runner_;
  std::vector<Task> queued_;    ///< With room for kRoomForEnds more.
  std::vector<ClientId> held_;  ///< Not read until the cross-shard queues have room.
  PeriodicSweep room_sweep_;
  bool hook_runs_ = false;
  bool overloaded_ = false;  ///< By the hook that runs.
  std::atomic<std::size_t> open_disconnects_{0};
};

}  // namespace wscast::server
