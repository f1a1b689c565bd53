#include "server/shard_hooks.h"

#include <algorithm>
#include <exception>
#include <new>
#include <type_traits>
#include <utility>

#include "base/given_up.h"
#include "protocol/verified_json.h"
#include "server/guarded.h"
#include "server/session_socket.h"

namespace wscast::server {
namespace {

using protocol::VerifiedJson;
using session::Session;

constexpr auto kRoomPoll = std::chrono::milliseconds(10);
constexpr std::size_t kRoomForEnds = 64;

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
                       const hub::Hub& hub, const ShardRouter& router, Topics& topics,
                       RoomOccupancy& occupancy, HookTimes* times)
    : executor_(executor),
      options_(options),
      hub_(hub),
      router_(router),
      topics_(topics),
      occupancy_(occupancy),
      runner_(executor, log, times),
      room_sweep_(executor, kRoomPoll, [this] { return release_held(); }) {
  keep_room();
}

Session* ShardHooks::find(const ClientId& client) {
  return static_cast<Session*>(hub_.find(client));
}

// Requests of sessions.

void ShardHooks::authenticate(Session& session, std::string data) {
  queue(RunAuthenticate{session.id, std::move(data)});
}

bool ShardHooks::handshake(Session& session, std::string data) {
  if (!options_.hooks.handshake) return false;
  queue(RunHandshake{session.id, std::move(data), std::string(session.user_in_handshake())});
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

void ShardHooks::disconnected(Session& session) noexcept {
  if (!options_.hooks.disconnected) return;
  open_disconnects_.fetch_add(1, std::memory_order_relaxed);
  RunDisconnected request{session.id, ShortText(), session.identity.metadata};
  try {
    request.user_id = ShortText(session.user_id());
  } catch (const std::bad_alloc&) {  // It has left the directory: nobody else reads it.
    request.user_id = std::move(session.identity.user_id);
  }
  queue_end(std::move(request));
}

void ShardHooks::on_joined(const hub::ClientRecord& client, std::string_view room) {
  if (!options_.hooks.joined || !is_reported(client, room)) return;
  queue(RunJoined{client.id, std::string(client.identity.user_id.view()), std::string(room),
                  client.identity.metadata});
}

void ShardHooks::on_left(const hub::ClientRecord& client, std::string_view room) noexcept try {
  if (!options_.hooks.left || !is_reported(client, room)) return;
  queue(RunLeft{{client.id, std::string(client.identity.user_id.view()), std::string(room),
                 client.identity.metadata}});
  open_disconnects_.fetch_add(1, std::memory_order_relaxed);
} catch (const std::bad_alloc&) {
  executor_.counters().add(Counter::dropped_out_of_memory);
}

bool ShardHooks::is_reported(const hub::ClientRecord& client, std::string_view room) const {
  return !client.id.is(room) && server::is_reported(options_.session, room);
}

void ShardHooks::complete(std::shared_ptr<PublishAggregator> aggregator) noexcept {
  queue_end(RunResult{std::move(aggregator)});
}

/// The ends of clients and messages take the room that the requests before them have left.
template <class Request>
void ShardHooks::queue_end(Request request) noexcept {
  try {
    queued_.emplace_back(std::move(request));
  } catch (const std::bad_alloc&) {
    executor_.counters().add(Counter::dropped_out_of_memory);
    if constexpr (std::is_same_v<Request, RunDisconnected>) {
      open_disconnects_.fetch_sub(1, std::memory_order_relaxed);
    }
  }
  executor_.request_iteration();
}

void ShardHooks::keep_room() {
  const std::size_t needed = queued_.size() + 1 + kRoomForEnds;
  if (queued_.capacity() < needed) queued_.reserve(std::max(needed, 2 * queued_.capacity()));
}

// Running them.

/// Hooks that are queued while others run, by the same clients' next messages, run in the same
/// slice; what is left when it is over waits for the next iteration.
void ShardHooks::run_slice() noexcept {
  runner_.run_stranded();
  if (queued_.empty()) return;
  const SteadyTime end = executor_.clock().now() + kHookSlice;
  std::size_t done = 0;
  hook_runs_ = true;
  while (done < queued_.size()) {
    Task task = std::move(queued_[done]);
    if (!run_next(task)) {
      queued_[done] = std::move(task);
      break;
    }
    ++done;
    overloaded_ = false;  // It belonged to no client that could be held.
    if (done % kHooksPerClockRead == 0 && executor_.clock().now() >= end) break;
  }
  hook_runs_ = false;
  queued_.erase(queued_.begin(), queued_.begin() + static_cast<std::ptrdiff_t>(done));
}

/// Returns false if it is to be tried again. An exception comes before the hook was called, or from
/// what follows it on this shard.
bool ShardHooks::run_next(Task& task) noexcept {
  try {
    std::visit([this](auto& one) { run(one); }, task);
  } catch (const std::exception& error) {
    log_given_up("a hook's request", error);
    if (reports_an_end(task)) return false;
    give_up(task);
  }
  return true;
}

/// No client is there to be ended in its place.
bool ShardHooks::reports_an_end(const Task& task) {
  return std::holds_alternative<RunDisconnected>(task) || std::holds_alternative<RunLeft>(task) ||
         std::holds_alternative<RunRoomCheck>(task);
}

void ShardHooks::give_up(const Task& task) noexcept {
  std::visit(
      [this](const auto& one) noexcept {
        if constexpr (requires { one.client; }) {
          if (Session* session = find(one.client)) session->give_up();
        }
      },
      task);
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
  if (session->authenticated()) session->on_hook_started();  // A renewal (protocol.md X4).
  runner_.run(HookName::authenticate, options_.hooks.authenticate,
              {.client_id = id, .data = VerifiedJson::of(task.data), .socket = &socket},
              [this, client = task.client](HookOutcome<std::optional<Identity>> outcome) {
                if (Session* then = find(client)) {
                  guarded(*then, [&] {
                    then->on_authenticate_result(
                        result_of<session::AuthenticateResult>(std::move(outcome)));
                  });
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
          guarded(*then, [&] {
            then->on_handshake_result(result_of<session::HandshakeResult>(std::move(outcome)));
          });
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
        guarded(*then, [&] {
          then->on_rooms_result(rooms == nullptr ? std::nullopt : std::optional(std::move(*rooms)));
        });
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
              [this, client = task.client](const HookOutcome<void>&) { finish_hook(client); });
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
              [this, client = task.client](const HookOutcome<void>&) { finish_hook(client); });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunDisconnected& task) {
  const std::string id = task.client.text();
  runner_.run(HookName::disconnected, options_.hooks.disconnected,
              {.client_id = id, .user_id = task.user_id.view(), .metadata = task.metadata},
              [this](const HookOutcome<void>&) {
                open_disconnects_.fetch_sub(1, std::memory_order_relaxed);
              });
}

void ShardHooks::run(RunJoined& task) {
  const std::string id = task.client.text();
  runner_.run(HookName::joined, options_.hooks.joined, event_of(id, task),
              [](const HookOutcome<void>&) {});
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunLeft& task) {
  const std::string id = task.membership.client.text();
  runner_.run(HookName::left, options_.hooks.left, event_of(id, task.membership),
              [this](const HookOutcome<void>&) {
                open_disconnects_.fetch_sub(1, std::memory_order_relaxed);
              });
  hold_if_overloaded(task.membership.client);
}

MembershipEvent ShardHooks::event_of(std::string_view id, const RunJoined& task) {
  return {.client_id = id, .user_id = task.user_id, .room = task.room, .metadata = task.metadata};
}

void ShardHooks::run(RunRoomCheck& task) {
  if (!task.occupied) task.occupied = occupancy_.settle(task.room);
  const bool occupied = task.occupied.value_or(false);
  const auto& hook = occupied ? options_.hooks.room_occupied : options_.hooks.room_vacated;
  if (!task.occupied || !hook) return occupancy_.on_checked();
  runner_.run(occupied ? HookName::room_occupied : HookName::room_vacated, hook,
              {.room = task.room},
              [&occupancy = occupancy_](const HookOutcome<void>&) { occupancy.on_checked(); });
}

void ShardHooks::run(RunResult& task) {
  runner_.guard(HookName::on_result, [&task] { task.aggregator->complete(); });
}

void ShardHooks::finish_hook(const ClientId& client) noexcept {
  Session* session = find(client);
  if (session != nullptr) guarded(*session, [session] { session->on_hook_done(); });
}

void ShardHooks::hold_if_overloaded(const ClientId& client) {
  if (!std::exchange(overloaded_, false)) return;
  Session* session = find(client);
  if (session == nullptr) return;
  held_.push_back(client);
  room_sweep_.start();
  session->hold();
}

/// Returns whether clients are still held.
bool ShardHooks::release_held() {
  if (!router_.has_room()) return true;
  for (const ClientId& client : std::exchange(held_, {})) {
    Session* session = find(client);
    if (session != nullptr) guarded(*session, [session] { session->release(); });
  }
  return false;
}

}  // namespace wscast::server
