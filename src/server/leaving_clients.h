#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/client_id.h"
#include "base/clock.h"
#include "hub/hub.h"
#include "net/connection.h"
#include "server/periodic_sweep.h"
#include "server/shard_executor.h"
#include "session/session.h"

namespace wscast::server {

/// Clients that have lost their connection while messages that came before wait for hooks. They
/// stay in the hub until their session is idle, at most `drain_timeout`. Shard thread only.
class LeavingClients {
 public:
  /// `drain_timeout`: 0 for no limit.
  LeavingClients(ShardExecutor& executor, const hub::Hub& hub,
                 std::chrono::milliseconds drain_timeout);

  /// For clients that leave from now on.
  void set_drain_timeout(std::chrono::milliseconds drain_timeout) {
    drain_timeout_ = drain_timeout;
  }

  /// The connection of `session`, which is busy, is over. `owner` holds the session; null when it
  /// belongs to ExternalClients, until end_finished() returns its client. `cause`: of its end.
  /// Throws std::bad_alloc: the session is to be closed, and `owner` has been destroyed.
  void add(session::Session& session, std::unique_ptr<net::Attachment> owner,
           const session::CloseCause& cause = {});

  /// The session is idle, or has ended: it is closed at the end of the iteration. May be called by
  /// the session itself (session::Delegate::on_idle).
  void on_idle(const session::Session& session) noexcept;

  /// Closes the sessions that are idle or overdue, and destroys those that it owns. Returns their
  /// clients.
  std::vector<ClientId> end_finished() noexcept;

  /// Destroys all sessions that it owns.
  void clear();

 private:
  struct Entry {
    std::unique_ptr<net::Attachment> owner;
    SteadyTime deadline;
    std::uint16_t code;
    std::string words;
  };

  bool sweep();
  bool is_finished(const ClientId& client) const;
  void remove(const ClientId& client) noexcept;
  void close(const ClientId& client) noexcept;

  ShardExecutor& executor_;
  const hub::Hub& hub_;
  std::chrono::milliseconds drain_timeout_;
  boost::unordered_flat_map<ClientId, Entry> clients_;
  std::vector<ClientId> finished_;
  PeriodicSweep sweep_;
};

}  // namespace wscast::server
