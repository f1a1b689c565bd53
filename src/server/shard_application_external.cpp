#include <utility>

#include "protocol/utf8.h"
#include "server/shard_application.h"

// The clients of a shard whose connections an external WebSocket server holds.
namespace wscast::server {
namespace {

using session::Session;

constexpr auto kExternalSweep = std::chrono::milliseconds(100);

}  // namespace

void ShardApplication::open_external(const ClientId& client,
                                     std::shared_ptr<ExternalTransport> transport) {
  external_.emplace(client, std::make_unique<ExternalClient>(sessions_, client,
                                                             std::move(transport), on_broken_));
  if (std::exchange(sweeps_external_, true)) return;
  shard_.every(kExternalSweep, [this] { sweep_external(); });
}

void ShardApplication::external_message(const ClientId& client, bool binary,
                                        std::string_view payload) {
  const auto found = external_.find(client);
  if (found == external_.end()) return;
  shard_.counters().add(Counter::messages_received);
  if (!binary && !protocol::is_utf8(payload)) binary = true;  // protocol.md M12 judges it.
  found->second->session().on_message(binary, payload);
}

void ShardApplication::external_close(const ClientId& client) {
  const auto found = external_.find(client);
  if (found == external_.end()) return;
  Session& session = found->second->session();
  if (session.busy()) {
    found->second->disconnect();
    return leave(session, nullptr);
  }
  session.on_close();
  external_.erase(client);
}

void ShardApplication::external_drain(const ClientId& client) {
  const auto found = external_.find(client);
  if (found != external_.end()) found->second->session().outbound().on_drain();
}

void ShardApplication::sweep_external() {
  std::vector<Session*> due;
  for (const auto& [client, link] : external_) {
    if (link->deadline() <= shard_.now()) due.push_back(&link->session());
  }
  for (Session* session : due) session->on_deadline();
}

/// Logged once: whose transport throws for one client does for many.
void ShardApplication::on_broken_transport(const ClientId& client, const char* call,
                                           const char* what) {
  shard_.counters().add(Counter::transport_failures);
  broken_.push_back(client);
  shard_.request_iteration();
  if (std::exchange(broken_logged_, true)) return;
  node_.log(LogLevel::error, std::string("an external connection is given up, for the ") + call +
                                 " of its transport threw: \"" + printable(what) +
                                 "\"; further ones are only counted");
}

void ShardApplication::end_broken_clients() {
  for (const ClientId& client : std::exchange(broken_, {})) {
    const auto found = external_.find(client);
    if (found == external_.end()) continue;
    Session& session = found->second->session();
    if (session.busy()) {
      leave(session, nullptr);
    } else {
      session.on_close();  // The link stays until the other server has closed it.
    }
  }
}

}  // namespace wscast::server
