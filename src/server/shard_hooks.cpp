#include "server/shard_hooks.h"

#include <algorithm>
#include <utility>

#include "protocol/envelope.h"
#include "protocol/verified_json.h"
#include "server/session_socket.h"

namespace wscast::server {
namespace {

using protocol::VerifiedJson;
using session::Session;

constexpr auto kHookSlice = std::chrono::milliseconds(2);
constexpr auto kReliefPause = std::chrono::milliseconds(10);
constexpr std::size_t kHooksAClockRead = 16;

Json json_of(const std::optional<std::string>& text) {
  return text ? VerifiedJson::of(*text) : Json();
}

Json json_of(std::optional<std::string_view> text) {
  return text ? VerifiedJson::of(*text) : Json();
}

/// The session's words for what a hook that accepts or refuses answered.
template <class Verdict, class Outcome>
Verdict verdict(Outcome outcome) {
  if (const auto* failed = std::get_if<HookFailed>(&outcome)) {
    if (failed->dropped) return session::Refused{};
    return session::Threw{};
  }
  auto& answer = std::get<0>(outcome);
  if (!answer) return session::Refused{};
  return std::move(*answer);
}

}  // namespace

ShardHooks::ShardHooks(net::Shard& shard, const ServerOptions& options, const NamedLog& log,
                       hub::Hub& hub, Courier& courier, TopicPublisher& topics)
    : shard_(shard),
      options_(options),
      hub_(hub),
      courier_(courier),
      topics_(topics),
      mailbox_(std::make_shared<Mailbox>(shard)),
      runner_(shard.counters(), shard.clock(), log, mailbox_) {}

ShardHooks::~ShardHooks() {
  mailbox_->close();
}

Session* ShardHooks::find(const ClientId& client) {
  return static_cast<Session*>(hub_.find(client));
}

Session* ShardHooks::find_sending(const ClientId& client) {
  if (Session* session = find(client)) return session;
  const auto found = draining_.find(client);
  return found == draining_.end() ? nullptr : found->second;
}

bool ShardHooks::pending() const {
  const bool can_transform =
      !to_transform_.empty() && transforming_.size() < options_.session.encrypted_batch_limit;
  return !queued_.empty() || can_transform;
}

// What sessions ask for.

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

void ShardHooks::transform(Session& session) {
  to_transform_.push_back(session.id);
  shard_.request_iteration();
}

void ShardHooks::on_draining_started(Session& session) {
  draining_.emplace(session.id, &session);
  open_closes_.store(draining_.size(), std::memory_order_relaxed);
}

void ShardHooks::on_draining_finished(Session& session) {
  draining_.erase(session.id);
  open_closes_.store(draining_.size(), std::memory_order_relaxed);
}

void ShardHooks::disconnected(Session& session) {
  if (!options_.hooks.disconnected) return;
  open_disconnects_.fetch_add(1, std::memory_order_relaxed);
  queue(RunDisconnected{session.id, session.user_id(), session.identity.metadata});
}

void ShardHooks::tell(std::shared_ptr<Tally> tally) {
  queue(TellResult{std::move(tally)});
}

// Running them.

void ShardHooks::queue(Task task) {
  queued_.push_back(std::move(task));
  shard_.request_iteration();
}

/// Hooks that are queued while others run, by the same clients' next messages, run in the same
/// slice; what is left when it is over waits for the next iteration.
void ShardHooks::run_slice() {
  if (queued_.empty()) return;
  const SteadyTime end = shard_.clock().now() + kHookSlice;
  std::size_t done = 0;
  while (done < queued_.size()) {
    Task task = std::move(queued_[done++]);
    std::visit([this](auto& one) { run(one); }, task);
    overloaded_ = false;  // By a hook of no client that could be held.
    if (done % kHooksAClockRead == 0 && shard_.clock().now() >= end) break;
  }
  queued_.erase(queued_.begin(), queued_.begin() + static_cast<std::ptrdiff_t>(done));
}

void ShardHooks::run_results() {
  for (Task& task : std::exchange(queued_, {})) {
    if (auto* result = std::get_if<TellResult>(&task)) run(*result);
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
          then->on_authenticate_result(verdict<session::AuthenticateResult>(std::move(outcome)));
        }
      });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunHandshake& task) {
  if (find(task.client) == nullptr) return;
  const std::string id = task.client.text();
  runner_.run(HookName::handshake, options_.hooks.handshake,
              {.client_id = id, .user_id = task.user_id, .data = VerifiedJson::of(task.data)},
              [this, client = task.client](HookOutcome<std::optional<HandshakeKeys>> outcome) {
                if (Session* then = find(client)) {
                  then->on_handshake_result(verdict<session::HandshakeResult>(std::move(outcome)));
                }
              });
  hold_if_overloaded(task.client);
}

void ShardHooks::run(RunValidateRooms& task) {
  Session* session = find(task.client);
  if (session == nullptr) return shard_.counters().add(Counter::dropped_after_close);
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
  if (session == nullptr) return shard_.counters().add(Counter::dropped_after_close);
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

void ShardHooks::run(TellResult& task) {
  runner_.guard(HookName::on_result, [&task] { task.tally->tell(); });
}

void ShardHooks::hold_if_overloaded(const ClientId& client) {
  if (!std::exchange(overloaded_, false)) return;
  Session* session = find(client);
  if (session == nullptr) return;
  session->hold();
  held_.push_back(client);
  if (held_.size() == 1) await_relief();
}

void ShardHooks::await_relief() {
  shard_.after(kReliefPause, [this] {
    if (!courier_.relieved()) return await_relief();
    for (const ClientId& client : std::exchange(held_, {})) {
      if (Session* session = find(client)) session->release();
    }
  });
}

/// protocol.md E2: so many at once. Clients go in rotation, each with one message.
void ShardHooks::run_transformers() {
  if (to_transform_.empty()) return;
  const SteadyTime end = shard_.clock().now() + kHookSlice;
  std::size_t done = 0;
  while (!to_transform_.empty() && transforming_.size() < options_.session.encrypted_batch_limit) {
    const ClientId client = to_transform_.front();
    to_transform_.pop_front();
    Session* session = find_sending(client);
    if (session != nullptr && !session->outbound().seal_waiting()) run_transformer(*session);
    if (++done % kHooksAClockRead == 0 && shard_.clock().now() >= end) return;
  }
}

void ShardHooks::run_transformer(Session& session) {
  const auto parsed = protocol::parse_envelope(session.outbound().front());
  const std::string id = session.id.text();
  const HandshakeKeys* keys = session.identity.keys.get();
  const std::uint64_t number = ++transformations_;
  transforming_.push_back(
      {number, session.id, shard_.clock().now() + options_.session.transform_timeout});
  runner_.run(HookName::outbound_transformer, options_.hooks.outbound_transformer,
              {.client_id = id,
               .user_id = session.user_id(),
               .event = parsed.envelope.event,
               .data = json_of(parsed.envelope.data),
               .server_public_key = keys == nullptr ? std::string_view() : keys->server_public_key,
               .salt = keys == nullptr ? std::string_view() : keys->salt,
               .metadata = session.identity.metadata},
              [this, number](HookOutcome<std::optional<Transformed>> outcome) {
                on_transformed(number, std::move(outcome));
              });
  await_transformer();
}

void ShardHooks::on_transformed(std::uint64_t number,
                                HookOutcome<std::optional<Transformed>> outcome) {
  const auto found = std::ranges::find(transforming_, number, &Transformation::number);
  if (found == transforming_.end()) return;  // Too late.
  const ClientId client = found->client;
  transforming_.erase(found);
  if (!to_transform_.empty()) shard_.request_iteration();
  Session* session = find_sending(client);
  if (session == nullptr) return;
  auto* answer = std::get_if<0>(&outcome);
  if (answer == nullptr) {
    session->outbound().on_transform_result(session::Threw{});
  } else if (*answer) {
    session->outbound().on_transform_result(std::move(**answer));
  } else {
    session->outbound().on_transform_result(session::Unchanged{});
  }
}

/// One timer for all: they are due in the order in which they began.
void ShardHooks::await_transformer() {
  if (transforming_.empty() || awaits_transformer_) return;
  awaits_transformer_ = true;
  const auto left = transforming_.front().deadline - shard_.clock().now();
  shard_.after(std::chrono::ceil<std::chrono::milliseconds>(left), [this] {
    awaits_transformer_ = false;
    expire_transformations();
    await_transformer();
  });
}

void ShardHooks::expire_transformations() {
  while (!transforming_.empty() && transforming_.front().deadline <= shard_.now()) {
    runner_.note_timeout(HookName::outbound_transformer);
    on_transformed(transforming_.front().number, HookFailed{.what = {}, .dropped = true});
  }
}

}  // namespace wscast::server
