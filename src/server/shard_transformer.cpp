#include "server/shard_transformer.h"

#include <algorithm>
#include <chrono>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "protocol/envelope.h"
#include "protocol/verified_json.h"
#include "server/guarded.h"

namespace wscast::server {

using session::Session;

void ShardTransformer::transform(Session& session) {
  waiting_.push_back(session.id);
  executor_.request_iteration();
}

void ShardTransformer::on_draining_started(Session& session) {
  draining_.emplace(session.id, &session);
  open_closes_.store(draining_.size(), std::memory_order_relaxed);
}

void ShardTransformer::on_draining_finished(Session& session) noexcept {
  draining_.erase(session.id);
  open_closes_.store(draining_.size(), std::memory_order_relaxed);
}

bool ShardTransformer::pending() const {
  return !waiting_.empty() && has_place();
}

/// At most `encrypted_batch_limit` are with the hook at once (protocol.md E2).
void ShardTransformer::run_slice() {
  await_deadline();
  if (waiting_.empty()) return;
  const SteadyTime end = executor_.clock().now() + kHookSlice;
  std::size_t done = 0;
  while (!waiting_.empty() && has_place()) {
    const ClientId client = waiting_.front();
    waiting_.pop_front();
    Session* session = find(client);
    if (session != nullptr) guarded(*session, [&] { seal_or_run_hook(*session); });
    if (++done % kHooksPerClockRead == 0 && executor_.clock().now() >= end) return;
  }
}

void ShardTransformer::seal_or_run_hook(Session& session) {
  if (!session.outbound().seal_waiting()) run_hook(session);
}

void ShardTransformer::run_hook(Session& session) {
  const auto parsed = protocol::parse_envelope(session.outbound().front());
  const auto& data = parsed.envelope.data;
  const std::string id = session.id.text();
  const HandshakeKeys* keys = session.identity.keys.get();
  const std::uint64_t number = ++last_number_;
  running_.push_back({number, session.id, executor_.clock().now() + options_.transform_timeout});
  runner_.run(HookName::outbound_transformer, hooks_.outbound_transformer,
              {.client_id = id,
               .user_id = session.user_id(),
               .event = parsed.envelope.event,
               .data = data ? protocol::VerifiedJson::of(*data) : Json(),
               .server_public_key = keys == nullptr ? std::string_view() : keys->server_public_key,
               .salt = keys == nullptr ? std::string_view() : keys->salt,
               .metadata = session.identity.metadata},
              [this, number](HookOutcome<std::optional<Transformed>> outcome) {
                on_transformed(number, std::move(outcome));
              });
  await_deadline();
}

void ShardTransformer::on_transformed(std::uint64_t number,
                                      HookOutcome<std::optional<Transformed>> outcome) {
  const auto found = std::ranges::find(running_, number, &Transformation::number);
  if (found == running_.end()) return;  // Too late.
  const ClientId client = found->client;
  running_.erase(found);
  if (!waiting_.empty()) executor_.request_iteration();
  Session* session = find(client);
  if (session == nullptr) return;
  guarded(*session, [&] {
    auto* transformed = std::get_if<0>(&outcome);
    if (transformed == nullptr) {
      session->outbound().on_transform_result(session::Threw{});
    } else if (*transformed) {
      session->outbound().on_transform_result(std::move(**transformed));
    } else {
      session->outbound().on_transform_result(session::Unchanged{});
    }
  });
}

/// One timer for all: they are due in the order in which they began.
void ShardTransformer::await_deadline() {
  if (running_.empty() || awaits_deadline_) return;
  const auto left = running_.front().deadline - executor_.clock().now();
  executor_.after(std::chrono::ceil<std::chrono::milliseconds>(left), [this] {
    awaits_deadline_ = false;
    expire();
    await_deadline();
  });
  awaits_deadline_ = true;
}

void ShardTransformer::expire() {
  while (!running_.empty() && running_.front().deadline <= executor_.now()) {
    runner_.note_timeout(HookName::outbound_transformer);
    on_transformed(running_.front().number, HookFailed{.what = {}, .dropped = true});
  }
}

Session* ShardTransformer::find(const ClientId& client) const {
  if (hub::Member* member = hub_.find(client)) return static_cast<Session*>(member);
  const auto found = draining_.find(client);
  return found == draining_.end() ? nullptr : found->second;
}

}  // namespace wscast::server
