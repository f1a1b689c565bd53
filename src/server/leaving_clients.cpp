#include "server/leaving_clients.h"

#include <new>
#include <utility>

namespace wscast::server {
namespace {

constexpr auto kSweepPeriod = std::chrono::seconds(1);

}  // namespace

LeavingClients::LeavingClients(ShardExecutor& executor, const hub::Hub& hub,
                               std::chrono::milliseconds drain_timeout)
    : executor_(executor),
      hub_(hub),
      drain_timeout_(drain_timeout),
      sweep_(executor, kSweepPeriod, [this] { return sweep(); }) {}

void LeavingClients::add(session::Session& session, std::unique_ptr<net::Attachment> owner,
                         const session::CloseCause& cause) {
  session.leave_when_idle();
  sweep_.start();
  const SteadyTime deadline =
      drain_timeout_.count() == 0 ? SteadyTime::max() : executor_.now() + drain_timeout_;
  clients_.insert_or_assign(
      session.id, Entry{std::move(owner), deadline, cause.code, std::string(cause.words)});
}

void LeavingClients::on_idle(const session::Session& session) noexcept try {
  finished_.push_back(session.id);
  executor_.request_iteration();
} catch (const std::bad_alloc&) {  // The sweep finds it.
}

std::vector<ClientId> LeavingClients::end_finished() noexcept {
  std::vector<ClientId> ended = std::exchange(finished_, {});
  for (const ClientId& client : ended) {
    close(client);
    remove(client);
  }
  return ended;
}

void LeavingClients::close(const ClientId& client) noexcept {
  hub::Member* const member = hub_.find(client);
  if (member == nullptr) return;
  session::CloseCause cause;
  std::string words;
  if (const auto found = clients_.find(client); found != clients_.end()) {
    words = std::move(found->second.words);
    cause = {.code = found->second.code, .words = words};
  }
  static_cast<session::Session*>(member)->on_close(cause);
}

void LeavingClients::clear() {
  const auto all = std::exchange(clients_, {});
}

bool LeavingClients::sweep() {
  for (const auto& [client, entry] : clients_) {
    if (entry.deadline <= executor_.now() || is_finished(client)) finished_.push_back(client);
  }
  if (!finished_.empty()) executor_.request_iteration();
  return !clients_.empty();
}

/// Whether the session is idle, or has ended, and could not say so.
bool LeavingClients::is_finished(const ClientId& client) const {
  const hub::Member* member = hub_.find(client);
  return member == nullptr || !static_cast<const session::Session*>(member)->busy();
}

void LeavingClients::remove(const ClientId& client) noexcept {
  const auto found = clients_.find(client);
  if (found == clients_.end()) return;
  const Entry entry = std::move(found->second);
  clients_.erase(found);  // Before the session, which may call back, is destroyed.
}

}  // namespace wscast::server
