#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "wscast/external_server.h"

#include "base/client_id.h"
#include "base/named_log.h"
#include "server/external_client.h"
#include "server/leaving_clients.h"
#include "server/periodic_sweep.h"
#include "server/shard_executor.h"
#include "session/session.h"

namespace wscast::server {

/// The clients of one shard that an external WebSocket server holds the connections of: sessions,
/// the deadlines of those, and transports that throw. Calls for an unknown client are no-ops. Shard
/// thread only; ExternalGateway is the way here from other threads.
class ExternalClients {
 public:
  /// All of them must outlive it.
  ExternalClients(ShardExecutor& executor, session::Context& sessions, LeavingClients& leaving,
                  const NamedLog& log);

  /// Without memory the connection is closed, and counted.
  void open(const ClientId& client, std::shared_ptr<ExternalTransport> transport) noexcept;
  void on_message(const ClientId& client, bool binary, std::string_view payload);

  /// The connection is over. A session that is busy stays, and becomes one of LeavingClients.
  void on_close(const ClientId& client) noexcept;

  /// The connection has taken everything that was queued.
  void on_drain(const ClientId& client);

  /// Ends the sessions of transports that have thrown; at the end of an iteration.
  void end_broken() noexcept;

  /// Destroys the client's session.
  void remove(const ClientId& client) noexcept { clients_.erase(client); }
  void clear() { clients_.clear(); }

 private:
  ExternalClient* find(const ClientId& client);
  bool sweep();
  bool leave_when_idle(session::Session& session, const session::CloseCause& cause) noexcept;
  void on_broken(const ClientId& client, const char* call, const char* what);

  ShardExecutor& executor_;
  session::Context& sessions_;
  LeavingClients& leaving_;
  const NamedLog& log_;
  const ExternalClient::OnBroken on_broken_;
  std::vector<ClientId> broken_;  ///< Their transports threw in this iteration.
  bool logged_broken_ = false;
  boost::unordered_flat_map<ClientId, std::unique_ptr<ExternalClient>> clients_;
  PeriodicSweep sweep_;
};

}  // namespace wscast::server
