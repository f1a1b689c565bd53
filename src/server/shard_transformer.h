#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include <boost/unordered/unordered_flat_map.hpp>

#include "wscast/server_options.h"

#include "base/client_id.h"
#include "base/clock.h"
#include "base/named_log.h"
#include "hub/hub.h"
#include "server/hook_runner.h"
#include "server/shard_executor.h"
#include "session/session.h"

namespace wscast::server {

/// Encrypts what waits in the outboxes of a shard's sessions, once per loop iteration: by the
/// ready-made encryption, or by the outbound transformer, which gets one message per client at a
/// time and may reply late. Shard thread only, except for the count.
class ShardTransformer {
 public:
  /// All of them must outlive it. `times`: as HookRunner takes it.
  ShardTransformer(ShardExecutor& executor, const Hooks& hooks, const SessionOptions& options,
                   const NamedLog& log, const hub::Hub& hub, HookTimes* times = nullptr)
      : executor_(executor),
        hooks_(hooks),
        options_(options),
        hub_(hub),
        runner_(executor, log, times) {}

  // The requests of session::Delegate that are about outboxes.

  void transform(session::Session& session);
  void on_draining_started(session::Session& session);
  void on_draining_finished(session::Session& session) noexcept;

  /// Encrypts in slices of 2 ms; clients take turns, one message each.
  void run_slice();

  /// There is work for another iteration.
  bool pending() const;

  /// Closes that wait for the transformer. Any thread.
  std::size_t open_closes() const { return open_closes_.load(std::memory_order_relaxed); }

 private:
  /// One message that the transformer has.
  struct Transformation {
    std::uint64_t number;
    ClientId client;
    SteadyTime deadline;
  };

  bool has_place() const { return running_.size() < options_.encrypted_batch_limit; }
  void seal_or_run_hook(session::Session& session);
  void run_hook(session::Session& session);
  void on_transformed(std::uint64_t number, HookOutcome<std::optional<Transformed>> outcome);
  void await_deadline();
  void expire();
  session::Session* find(const ClientId& client) const;

  ShardExecutor& executor_;
  const Hooks& hooks_;
  const SessionOptions& options_;
  const hub::Hub& hub_;
  HookRunner runner_;
  std::deque<ClientId> waiting_;        ///< Clients with messages in their outbox.
  std::deque<Transformation> running_;  ///< In the order of their deadlines.
  std::uint64_t last_number_ = 0;
  bool awaits_deadline_ = false;
  /// Not in the hub any more, but with messages in their outbox.
  boost::unordered_flat_map<ClientId, session::Session*> draining_;
  std::atomic<std::size_t> open_closes_{0};
};

}  // namespace wscast::server
