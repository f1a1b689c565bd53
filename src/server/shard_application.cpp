#include "server/shard_application.h"

#include <utility>

#include "base/log.h"
#include "protocol/verified_json.h"
#include "server/client_link.h"

namespace wscast::server {
namespace {

using protocol::VerifiedJson;

constexpr auto kHookSlice = std::chrono::milliseconds(2);

session::Session& session_of(net::Connection& connection) {
  return static_cast<ClientLink*>(connection.attachment())->session();
}

Json json_of(const std::optional<std::string>& text) {
  return text ? VerifiedJson::of(*text) : Json();
}

}  // namespace

ShardApplication::ShardApplication(net::Shard& shard, NodeContext& node)
    : shard_(shard),
      node_(node),
      hooks_(node.options.hooks, shard.counters(), shard.clock()),
      hub_(*this),
      sessions_{node.options.session, hub_, *this, shard.counters(), shard.clock()} {}

void ShardApplication::deliver(const Delivery& delivery) {
  const ws::FrameRef frame = ws::FrameRef::of(delivery.frame);
  const hub::Exclude exclude = delivery.exclude ? hub::Exclude(*delivery.exclude) : hub::Exclude();
  switch (delivery.to) {
    case Delivery::To::client:
      if (const auto client = ClientId::parse(delivery.target)) hub_.to_client(*client, frame);
      return;
    case Delivery::To::room:
      hub_.to_room(delivery.target, frame, exclude);
      return;
    case Delivery::To::everybody:
      hub_.broadcast(frame, exclude);
      return;
  }
}

void ShardApplication::check_heartbeats() {
  for_each_session([](session::Session& session) { session.check_heartbeat(); });
}

void ShardApplication::close_all() {
  for_each_session([](session::Session& session) { session.end(session::kShutdown); });
  shard_.close_all(ws::to_number(session::kShutdown.code), session::kShutdown.reason);
}

/// Sessions may end, and leave the hub, while they are visited.
void ShardApplication::for_each_session(const std::function<void(session::Session&)>& visit) {
  for (hub::Member* member : hub_.members()) visit(static_cast<session::Session&>(*member));
}

net::HttpAnswer ShardApplication::on_request(const ws::RequestHead& head) {
  return node_.site.answer(head);
}

void ShardApplication::on_open(net::Connection& connection) {
  const ClientId id = ClientId::generate(node_.random);
  if (log_enabled(LogLevel::debug)) {
    log(LogLevel::debug, "client " + id.text() + " opened on shard " +
                             std::to_string(shard_.index()) + " from " +
                             connection.remote_address());
  }
  connection.attach(std::make_unique<ClientLink>(sessions_, id, connection));
}

void ShardApplication::on_message(net::Connection& connection, bool binary,
                                  std::string_view payload) {
  session_of(connection).on_message(binary, payload);
}

void ShardApplication::on_deadline(net::Connection& connection) {
  session_of(connection).on_deadline();
}

void ShardApplication::on_close(net::Connection& connection, std::uint16_t code,
                                std::string_view reason) {
  session::Session& session = session_of(connection);
  if (log_enabled(LogLevel::debug)) {
    log(LogLevel::debug, "client " + session.id().text() + " closed with " + std::to_string(code) +
                             " \"" + printable(reason) + "\"");
  }
  session.on_close();
}

/// The frames that hooks cause leave in the same turn as everything else.
bool ShardApplication::on_turn_end() {
  run_hooks();
  node_.courier.flush(shard_);
  authenticated_.store(hub_.authenticated(), std::memory_order_relaxed);
  return !queued_hooks_.empty();
}

void ShardApplication::queue(HookTask task) {
  queued_hooks_.push_back(std::move(task));
  shard_.request_turn();
}

/// Hooks that are queued while others run, by the same clients' next messages, run in the same
/// slice; what is left when it is over waits for the next turn.
void ShardApplication::run_hooks() {
  if (queued_hooks_.empty()) return;
  const SteadyTime end = shard_.clock().now() + kHookSlice;
  std::size_t done = 0;
  while (done < queued_hooks_.size()) {
    HookTask task = std::move(queued_hooks_[done++]);
    std::visit([this](auto& one) { run(one); }, task);
    if (done % 16 == 0 && shard_.clock().now() >= end) break;
  }
  queued_hooks_.erase(queued_hooks_.begin(),
                      queued_hooks_.begin() + static_cast<std::ptrdiff_t>(done));
}

void ShardApplication::run(RunAuthenticate& task) {
  if (find(task.client) == nullptr) return;  // protocol.md O15.
  const auto answer =
      hooks_.authenticate({.client_id = task.client.text(), .data = VerifiedJson::of(task.data)});
  if (session::Session* session = find(task.client)) session->on_authenticate_answer(answer);
}

void ShardApplication::run(RunValidateRooms& task) {
  session::Session* session = find(task.client);
  if (session == nullptr) return;
  const auto answer = hooks_.validate_rooms(
      {.client_id = task.client.text(), .user_id = session->user_id(), .rooms = task.rooms});
  if ((session = find(task.client)) != nullptr) session->on_rooms_answer(answer);
}

void ShardApplication::run(RunMessage& task) {
  session::Session* session = find(task.client);
  if (session == nullptr) return;
  hooks_.message({.client_id = task.client.text(),
                  .user_id = session->user_id(),
                  .event = task.message.event,
                  .data = json_of(task.message.data),
                  .id = json_of(task.message.id)});
  if ((session = find(task.client)) != nullptr) session->on_hook_done();
}

void ShardApplication::run(RunConnected& task) {
  session::Session* session = find(task.client);
  if (session == nullptr) return;
  hooks_.connected({.client_id = task.client.text(), .user_id = session->user_id()});
  if ((session = find(task.client)) != nullptr) session->on_hook_done();
}

void ShardApplication::run(RunDisconnected& task) {
  hooks_.disconnected({.client_id = task.client.text(), .user_id = task.user_id});
}

session::Session* ShardApplication::find(const ClientId& client) {
  return static_cast<session::Session*>(hub_.find(client));
}

void ShardApplication::authenticate(session::Session& session, std::string data) {
  queue(RunAuthenticate{session.id(), std::move(data)});
}

bool ShardApplication::validate_rooms(session::Session& session, std::vector<std::string> rooms) {
  if (!hooks_.hooks().validate_rooms) return false;
  queue(RunValidateRooms{session.id(), std::move(rooms)});
  return true;
}

bool ShardApplication::handle(session::Session& session, session::Message message) {
  if (!hooks_.hooks().message) return false;
  queue(RunMessage{session.id(), std::move(message)});
  return true;
}

bool ShardApplication::connected(session::Session& session) {
  if (!hooks_.hooks().connected) return false;
  queue(RunConnected{session.id()});
  return true;
}

void ShardApplication::disconnected(session::Session& session) {
  if (!hooks_.hooks().disconnected) return;
  queue(RunDisconnected{session.id(), session.user_id()});
}

void ShardApplication::on_add(const ClientId& client) {
  node_.directory.add(client, shard_.index());
}

void ShardApplication::on_remove(const ClientId& client) {
  node_.directory.remove(client);
}

void ShardApplication::on_join(const ClientId& client, std::string_view room) {
  node_.directory.join(client, shard_.index(), room);
}

void ShardApplication::on_leave(const ClientId& client, std::string_view room) {
  node_.directory.leave(client, shard_.index(), room);
}

}  // namespace wscast::server
