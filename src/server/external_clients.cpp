#include "server/external_clients.h"

#include <exception>
#include <string>
#include <utility>

#include "base/given_up.h"
#include "protocol/utf8.h"
#include "server/guarded.h"

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

void ExternalClients::open(const ClientId& client,
                           std::shared_ptr<ExternalTransport> transport) noexcept try {
  sweep_.start();
  clients_.emplace(client,
                   std::make_unique<ExternalClient>(sessions_, client, transport, on_broken_));
} catch (const std::exception& error) {
  log_given_up("a client", error);
  executor_.counters().add(Counter::closed_out_of_memory);
  close_for_memory(*transport);
}

void ExternalClients::on_message(const ClientId& client, bool binary, std::string_view payload) {
  ExternalClient* found = find(client);
  if (found == nullptr) return;
  executor_.counters().add(Counter::messages_received);
  if (!binary && !protocol::is_utf8(payload)) binary = true;  // Validated as such (M12).
  guarded(found->session(), [&] { found->session().on_message(binary, payload); });
}

void ExternalClients::on_close(const ClientId& client) noexcept {
  ExternalClient* found = find(client);
  if (found == nullptr) return;
  Session& session = found->session();
  if (!session.ended()) executor_.counters().add(Counter::closed_by_external_server);
  constexpr session::CloseCause cause{.code = 1005, .words = "the external server closed it"};
  found->disconnect();
  if (leave_when_idle(session, cause)) return;
  session.on_close(cause);
  remove(client);
}

/// Returns false if the session is not busy, or cannot be kept, for want of memory.
bool ExternalClients::leave_when_idle(Session& session, const session::CloseCause& cause) noexcept
    try {
  if (!session.busy()) return false;
  leaving_.add(session, nullptr, cause);
  return true;
} catch (const std::exception& error) {
  log_given_up("what a client sent before its end", error);
  return false;
}

void ExternalClients::on_drain(const ClientId& client) {
  ExternalClient* found = find(client);
  if (found == nullptr) return;
  guarded(found->session(), [found] { found->session().outbound().on_drain(); });
}

/// The entry of a client stays until the external server has closed it.
void ExternalClients::end_broken() noexcept {
  for (const ClientId& client : std::exchange(broken_, {})) {
    ExternalClient* found = find(client);
    constexpr session::CloseCause cause{.words = "a call of its transport threw"};
    if (found != nullptr && !leave_when_idle(found->session(), cause)) {
      found->session().on_close(cause);
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
    if (external->given_up()) {
      executor_.counters().add(Counter::closed_out_of_memory);
      external->end_given_up();
    }
    if (external->deadline() <= executor_.now()) due.push_back(&external->session());
  }
  for (Session* session : due) guarded(*session, [session] { session->on_deadline(); });
  return !clients_.empty();
}

/// Logged once: a transport that throws for one client throws for many.
void ExternalClients::on_broken(const ClientId& client, const char* call, const char* what) {
  executor_.counters().add(Counter::transport_failures);
  broken_.push_back(client);
  executor_.request_iteration();
  if (std::exchange(logged_broken_, true)) return;
  log_(LogLevel::error, "external_connection_failed",
       std::string("an external connection is given up, for the ") + call +
           " of its transport threw: \"" + printable(what) + "\"; further ones are only counted");
}

}  // namespace wscast::server
