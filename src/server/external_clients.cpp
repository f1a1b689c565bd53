#include "server/external_clients.h"

#include <string>
#include <utility>

#include "protocol/utf8.h"

namespace wscast::server {
namespace {

using session::Session;

constexpr auto kSweepPeriod = std::chrono::milliseconds(100);

}  // namespace

ExternalClients::ExternalClients(ShardExecutor& executor, session::Context& sessions,
                                 LeavingClients& leaving, const NamedLog& log)
    : executor_(executor),
      sessions_(sessions),
      leaving_(leaving),
      log_(log),
      on_broken_([this](const ClientId& client, const char* call, const char* what) {
        on_broken(client, call, what);
      }),
      sweep_(executor, kSweepPeriod, [this] { return sweep(); }) {}

void ExternalClients::open(const ClientId& client, std::shared_ptr<ExternalTransport> transport) {
  clients_.emplace(client, std::make_unique<ExternalClient>(sessions_, client, std::move(transport),
                                                            on_broken_));
  sweep_.start();
}

void ExternalClients::on_message(const ClientId& client, bool binary, std::string_view payload) {
  ExternalClient* found = find(client);
  if (found == nullptr) return;
  executor_.counters().add(Counter::messages_received);
  if (!binary && !protocol::is_utf8(payload)) binary = true;  // Validated as such (M12).
  found->session().on_message(binary, payload);
}

void ExternalClients::on_close(const ClientId& client) {
  ExternalClient* found = find(client);
  if (found == nullptr) return;
  Session& session = found->session();
  if (!session.ended()) executor_.counters().add(Counter::closed_by_external_server);
  constexpr session::CloseCause cause{.code = 1005, .words = "the external server closed it"};
  if (session.busy()) {
    found->disconnect();
    return leaving_.add(session, nullptr, cause);
  }
  session.on_close(cause);
  remove(client);
}

void ExternalClients::on_drain(const ClientId& client) {
  if (ExternalClient* found = find(client)) found->session().outbound().on_drain();
}

void ExternalClients::end_broken() {
  for (const ClientId& client : std::exchange(broken_, {})) {
    ExternalClient* found = find(client);
    if (found == nullptr) continue;
    Session& session = found->session();
    constexpr session::CloseCause cause{.words = "a call of its transport threw"};
    if (session.busy()) {
      leaving_.add(session, nullptr, cause);
    } else {
      session.on_close(cause);  // Its entry stays until the external server has closed it.
    }
  }
}

ExternalClient* ExternalClients::find(const ClientId& client) {
  const auto found = clients_.find(client);
  return found == clients_.end() ? nullptr : found->second.get();
}

bool ExternalClients::sweep() {
  std::vector<Session*> due;
  for (const auto& [client, external] : clients_) {
    if (external->deadline() <= executor_.now()) due.push_back(&external->session());
  }
  for (Session* session : due) session->on_deadline();
  return !clients_.empty();
}

/// Logged once: a transport that throws for one client throws for many.
void ExternalClients::on_broken(const ClientId& client, const char* call, const char* what) {
  executor_.counters().add(Counter::transport_failures);
  broken_.push_back(client);
  executor_.request_iteration();
  if (std::exchange(logged_broken_, true)) return;
  log_(LogLevel::error, std::string("an external connection is given up, for the ") + call +
                            " of its transport threw: \"" + printable(what) +
                            "\"; further ones are only counted");
}

}  // namespace wscast::server
