#include <utility>

#include "protocol/utf8.h"
#include "server/shard_application.h"

// The clients of a shard whose connections a foreign WebSocket server holds.
namespace wscast::server {
namespace {

using session::Session;

constexpr auto kForeignSweep = std::chrono::milliseconds(100);

}  // namespace

void ShardApplication::open_foreign(const ClientId& client, std::shared_ptr<Transport> transport) {
  foreign_.emplace(
      client, std::make_unique<ForeignLink>(sessions_, client, std::move(transport), on_broken_));
  if (std::exchange(sweeps_foreign_, true)) return;
  shard_.every(kForeignSweep, [this] { sweep_foreign(); });
}

void ShardApplication::foreign_message(const ClientId& client, bool binary,
                                       std::string_view payload) {
  const auto found = foreign_.find(client);
  if (found == foreign_.end()) return;
  shard_.counters().add(Counter::messages_received);
  if (!binary && !protocol::is_utf8(payload)) binary = true;  // protocol.md M12 judges it.
  found->second->session().on_message(binary, payload);
}

void ShardApplication::foreign_close(const ClientId& client) {
  const auto found = foreign_.find(client);
  if (found == foreign_.end()) return;
  Session& session = found->second->session();
  if (session.busy()) {
    found->second->disconnect();
    return leave(session, nullptr);
  }
  session.on_close();
  foreign_.erase(client);
}

void ShardApplication::foreign_drain(const ClientId& client) {
  const auto found = foreign_.find(client);
  if (found != foreign_.end()) found->second->session().on_drain();
}

void ShardApplication::sweep_foreign() {
  std::vector<Session*> due;
  for (const auto& [client, link] : foreign_) {
    if (link->deadline() <= shard_.now()) due.push_back(&link->session());
  }
  for (Session* session : due) session->on_deadline();
}

/// Logged once: whose transport throws for one client does for many.
void ShardApplication::on_broken_transport(const ClientId& client, const char* call,
                                           const char* what) {
  shard_.counters().add(Counter::transport_failures);
  broken_.push_back(client);
  shard_.request_turn();
  if (std::exchange(broken_logged_, true)) return;
  node_.log(LogLevel::error, std::string("a foreign connection is given up, for the ") + call +
                                 " of its transport threw: \"" + printable(what) +
                                 "\"; further ones are only counted");
}

void ShardApplication::end_broken_clients() {
  for (const ClientId& client : std::exchange(broken_, {})) {
    const auto found = foreign_.find(client);
    if (found == foreign_.end()) continue;
    Session& session = found->second->session();
    if (session.busy()) {
      leave(session, nullptr);
    } else {
      session.on_close();  // The link stays until the other server has closed it.
    }
  }
}

}  // namespace wscast::server
