#include "server/shard_hooks.h"

#include <utility>

#include "protocol/verified_json.h"
#include "server/session_socket.h"

namespace wscast::server {
namespace {

using protocol::VerifiedJson;
using session::Session;

constexpr auto kRoomPoll = std::chrono::milliseconds(10);

Json json_of(const std::optional<std::string>& text) {
  return text ? VerifiedJson::of(*text) : Json();
}

/// The result, as sessions take it, of a hook that accepts or rejects.
template <class Result, class Outcome>
Result result_of(Outcome outcome) {
  if (const auto* failed = std::get_if<HookFailed>(&outcome)) {
    if (failed->dropped) return session::Refused{};
    return session::Threw{};
  }
  auto& accepted = std::get<0>(outcome);
  if (!accepted) return session::Refused{};
  return std::move(*accepted);
}

}  // namespace

ShardHooks::ShardHooks(ShardExecutor& executor, const ServerOptions& options, const NamedLog& log,
                       const hub::Hub& hub, const ShardRouter& router, Topics& topics)
    : executor_(executor),
      options_(options),
      hub_(hub),
      router_(router),
      topics_(topics),
      runner_(executor, log) {}

Session* ShardHooks::find(const ClientId& client) {
  return static_cast<Session*>(hub_.find(client));
}

// Requests of sessions.

void ShardHooks::authenticate(Session& session, std::string data) {
  queue(RunAuthenticate{session.id, std::move(data)});
}

bool ShardHooks::handshake(Session& session, std::string data) {
  if (!options_.hooks.handshake) return false;
  queue(RunHandshake{session.id, std::move(data), session.user_in_handshake()});
  return true;
}

bool ShardHooks::validate_rooms(Session& session, std::vector<std::string> rooms) {
  if (!options_.hooks.validate_rooms) return false;
  queue(RunValidateRooms{session.id, std::move(rooms)});
  return true;
}

bool ShardHooks::handle(Session& session, session::InboundEvent message) {
  if (!options_.hooks.message) return false;
  queue(RunMessage{session.id, std::move(message)});
  return true;
}

bool ShardHooks::connected(Session& session) {
  if (!options_.hooks.connected) return false;
  queue(RunConnected{session.id});
  return true;
}

void ShardHooks::disconnected(Session& session) {
  if (!options_.hooks.disconnected) return;
  open_disconnects_.fetch_add(1, std::memory_order_relaxed);
  queue(RunDisconnected{session.id, session.user_id(), session.identity.metadata});
}

void ShardHooks::complete(std::shared_ptr<PublishAggregator> aggregator) {
  queue(RunResult{std::move(aggregator)});
}

// Running them.

/// Hooks that are queued while others run, by the same clients' next messages, run in the same
/// slice; what is left when it is over waits for the next iteration.
void ShardHooks::run_slice() {
  if (queued_.empty()) return;
  const SteadyTime end = executor_.clock().now() + kHookSlice;
  std::size_t done = 0;
  hook_runs_ = true;
  while (done < queued_.size()) {
    Task task = std::move(queued_[done++]);
    std::visit([this](auto& one) { run(one); }, task);
    overloaded_ = false;  // It belonged to no client that could be held.
    if (done % kHooksPerClockRead == 0 && executor_.clock().now() >= end) break;
  }
  hook_runs_ = false;
  queued_.erase(queued_.begin(), queued_.begin() + static_cast<std::ptrdiff_t>(done));
}

void ShardHooks::run_results() {
  for (Task& task : std::exchange(queued_, {})) {
    if (auto* result = std::get_if<RunResult>(&task)) run(*result);
  }
}

void ShardHooks::run(RunAuthenticate& task) {
  Session* session = find(task.client);
  if (session == nullptr) return;  // protocol.md O15.
  SessionSocket socket(*session, topics_);
  const std::string id = task.client.text();
  runner_.run(
      HookName::authenticate, options_.hooks.authenticate,
      {.client_id = id, .data = VerifiedJson::of(task.data), .socket = &socket},
      [this, client = task.client](HookOutcome<std::optional<Identity>> outcome) {
        if (Session* then = find(client)) {
          then->on_authenticate_result(result_of<session::AuthenticateResult>(std::move(outcome)));
        }
      });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunHandshake& task) {
  if (find(task.client) == nullptr) return;
  const std::string id = task.client.text();
  runner_.run(
      HookName::handshake, options_.hooks.handshake,
      {.client_id = id, .user_id = task.user_id, .data = VerifiedJson::of(task.data)},
      [this, client = task.client](HookOutcome<std::optional<HandshakeKeys>> outcome) {
        if (Session* then = find(client)) {
          then->on_handshake_result(result_of<session::HandshakeResult>(std::move(outcome)));
        }
      });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunValidateRooms& task) {
  Session* session = find(task.client);
  if (session == nullptr) return executor_.counters().add(Counter::dropped_after_close);
  const std::string id = task.client.text();
  session->on_hook_started();
  runner_.run(
      HookName::validate_rooms, options_.hooks.validate_rooms,
      {.client_id = id,
       .user_id = session->user_id(),
       .rooms = task.rooms,
       .metadata = session->identity.metadata},
      [this, client = task.client](HookOutcome<std::vector<std::string>> outcome) {
        Session* then = find(client);
        if (then == nullptr) return;
        auto* rooms = std::get_if<0>(&outcome);
        then->on_rooms_result(rooms == nullptr ? std::nullopt : std::optional(std::move(*rooms)));
      });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunMessage& task) {
  Session* session = find(task.client);
  if (session == nullptr) return executor_.counters().add(Counter::dropped_after_close);
  SessionSocket socket(*session, topics_);
  const std::string id = task.client.text();
  session->on_hook_started();
  runner_.run(HookName::message, options_.hooks.message,
              {.client_id = id,
               .user_id = session->user_id(),
               .event = task.message.event,
               .data = json_of(task.message.data),
               .id = json_of(task.message.id),
               .metadata = session->identity.metadata,
               .socket = &socket},
              [this, client = task.client](const HookOutcome<void>&) {
                if (Session* then = find(client)) then->on_hook_done();
              });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunConnected& task) {
  Session* session = find(task.client);
  if (session == nullptr) return;
  SessionSocket socket(*session, topics_);
  const std::string id = task.client.text();
  session->on_hook_started();
  runner_.run(HookName::connected, options_.hooks.connected,
              {.client_id = id,
               .user_id = session->user_id(),
               .metadata = session->identity.metadata,
               .socket = &socket},
              [this, client = task.client](const HookOutcome<void>&) {
                if (Session* then = find(client)) then->on_hook_done();
              });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunDisconnected& task) {
  const std::string id = task.client.text();
  runner_.run(HookName::disconnected, options_.hooks.disconnected,
              {.client_id = id, .user_id = task.user_id, .metadata = task.metadata},
              [this](const HookOutcome<void>&) {
                open_disconnects_.fetch_sub(1, std::memory_order_relaxed);
              });
}

void ShardHooks::run(RunResult& task) {
  runner_.guard(HookName::on_result, [&task] { task.aggregator->complete(); });
}

void ShardHooks::hold_if_overloaded(const ClientId& client) {
  if (!std::exchange(overloaded_, false)) return;
  Session* session = find(client);
  if (session == nullptr) return;
  session->hold();
  held_.push_back(client);
  if (held_.size() == 1) await_room();
}

void ShardHooks::await_room() {
  executor_.after(kRoomPoll, [this] {
    if (!router_.has_room()) return await_room();
    for (const ClientId& client : std::exchange(held_, {})) {
      if (Session* session = find(client)) session->release();
    }
  });
}

}  // namespace wscast::server
