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
#include "net/shard.h"
#include "server/courier.h"
#include "server/hook_runner.h"
#include "server/named_log.h"
#include "server/tally.h"
#include "server/topic_publisher.h"
#include "session/delegate.h"
#include "session/session.h"

namespace wscast::server {

/// The hooks that a shard's sessions ask for: queued in their order, run between loop iterations in
/// slices, and answered to the session if it is still there (session::Delegate says which asks for
/// what). A client whose hook met a full inbox is not read until there is room again. Shard thread
/// only, but for the counts.
class ShardHooks {
 public:
  ShardHooks(net::Shard& shard, const ServerOptions& options, const NamedLog& log, hub::Hub& hub,
             Courier& courier, TopicPublisher& topics);
  ~ShardHooks();

  void authenticate(session::Session& session, std::string data);
  bool handshake(session::Session& session, std::string data);
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms);
  bool handle(session::Session& session, session::InboundEvent message);
  bool connected(session::Session& session);
  void transform(session::Session& session);
  void on_draining_started(session::Session& session);
  void on_draining_finished(session::Session& session);
  void disconnected(session::Session& session);

  /// The result of a message to several is complete.
  void tell(std::shared_ptr<Tally> tally);

  /// A hook's call was refused because a shard's inbox is full: its client is not read for now.
  void note_overload() { overloaded_ = true; }

  void run_slice();
  void run_transformers();

  /// The shard has ended: runs what still waits to tell a result, and no other hook.
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
  struct TellResult {
    std::shared_ptr<Tally> tally;
  };
  /// One message that the outbound transformer has.
  struct Transformation {
    std::uint64_t number;
    ClientId client;
    SteadyTime deadline;
  };
  using Task = std::variant<RunAuthenticate, RunHandshake, RunValidateRooms, RunMessage,
                            RunConnected, RunDisconnected, TellResult>;

  void queue(Task task);
  void run(RunAuthenticate& task);
  void run(RunHandshake& task);
  void run(RunValidateRooms& task);
  void run(RunMessage& task);
  void run(RunConnected& task);
  void run(RunDisconnected& task);
  void run(TellResult& task);
  void run_transformer(session::Session& session);
  void on_transformed(std::uint64_t number, HookOutcome<std::optional<Transformed>> outcome);
  void await_transformer();
  void expire_transformations();
  void hold_if_overloaded(const ClientId& client);
  void await_relief();
  session::Session* find(const ClientId& client);
  session::Session* find_sending(const ClientId& client);

  net::Shard& shard_;
  const ServerOptions& options_;
  hub::Hub& hub_;
  Courier& courier_;
  TopicPublisher& topics_;
  const std::shared_ptr<Mailbox> mailbox_;
  HookRunner runner_;
  std::vector<Task> queued_;
  std::deque<ClientId> to_transform_;  ///< Clients whose next message waits for the transformer.
  std::deque<Transformation> transforming_;  ///< In the order of their deadlines.
  std::uint64_t transformations_ = 0;
  bool awaits_transformer_ = false;
  /// Not in the hub any more, but with messages that wait for the transformer.
  boost::unordered_flat_map<ClientId, session::Session*> draining_;
  std::vector<ClientId> held_;  ///< Not read until the inboxes are relieved.
  bool overloaded_ = false;     ///< By the hook that runs.
  std::atomic<std::size_t> open_disconnects_{0};
  std::atomic<std::size_t> open_closes_{0};
};

}  // namespace wscast::server
