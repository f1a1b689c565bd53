#include "server/shard_application.h"

#include <exception>
#include <memory>
#include <string>
#include <utility>

#include "base/given_up.h"
#include "base/log.h"
#include "http/refusal.h"
#include "server/connection_session.h"
#include "server/guarded.h"
#include "server/upgrade_handler.h"

namespace wscast::server {
namespace {

using session::Session;

Session& session_of(net::Connection& connection) {
  return static_cast<ConnectionSession*>(connection.attachment())->session();
}

HookTimes* hook_times_of(const std::unique_ptr<ShardMeasures>& measures) {
  return measures ? &measures->hook_times : nullptr;
}

}  // namespace

ShardApplication::ShardApplication(net::Shard& shard, NodeContext& node)
    : shard_(shard),
      node_(node),
      options_(node.options.session),
      allowed_origins_(node.options.allowed_origins),
      http_router_(node.options.http, node.view,
                   {node.options.path,
                    UpgradeHandler(allowed_origins_, shard.options().per_message_deflate)}),
      executor_(shard),
      recorder_(node.directory, node.interest, node.occupancy, node.unauthenticated, options_,
                shard.counters(), node.history_interest),
      hub_(recorder_),
      measures_(node.options.measure ? std::make_unique<ShardMeasures>() : nullptr),
      topics_(hub_, node.router, node.options.transport.publish_to_self,
              measures_ ? &shard.clock() : nullptr),
      hooks_(executor_, node.options, node.log, hub_, node.router, topics_, node.occupancy,
             hook_times_of(measures_)),
      transformer_(executor_, node.options.hooks, options_, node.log, hub_,
                   hook_times_of(measures_)),
      delegate_(executor_, hub_, hooks_, transformer_, node.interest, leaving_,
                node.failed_authentications, node.log),
      sessions_{options_,         shard.options(), hub_,         delegate_,
                shard.counters(), shard.clock(),   shard.index()},
      leaving_(executor_, hub_, node.options.transport.drain_timeout),
      external_(executor_, sessions_, leaving_, node.log),
      commands_({shard.counters(), hub_, hooks_, topics_, node.directory, node.router,
                 node.backplane, node.interest, node.occupancy,
                 measures_ ? &measures_->fan_out : nullptr, &node.history, &executor_}),
      drain_(executor_, hub_),
      last_tick_(shard.clock().now()) {
  recorder_.report_to(hooks_);
  if (!node.history_rules.empty()) sessions_.history = &node.history_rules;
  if (!node.options.encryption) return;
  sessions_.ecdh = &ecdh_.emplace(node.options.encryption->info, node.random);
}

// The loop.

/// The frames that hooks cause leave in the same iteration as everything else.
bool ShardApplication::on_iteration_end() {
  delegate_.end_slow_clients();
  delegate_.ask_history(node_.router);
  hooks_.run_slice();
  external_.end_broken();
  for (const ClientId& client : leaving_.end_finished()) external_.remove(client);
  transformer_.run_slice();
  node_.router.flush(shard_.index());
  authenticated_.store(hub_.authenticated(), std::memory_order_relaxed);
  return hooks_.pending() || transformer_.pending();
}

/// Clients go first, so that no late callback of the broker reaches one. Transports of external
/// clients are used on this thread alone, so they are destroyed here.
void ShardApplication::on_stop() {
  external_.clear();
  leaving_.clear();
  if (shard_.index() == kBrokerShard) node_.backplane.abandon();
  hooks_.run_results();
}

void ShardApplication::tick() {
  last_tick_.store(shard_.now(), std::memory_order_relaxed);
  if (node_.directory.abandoned() == 0) return;
  for_each_session([](Session& session) {
    if (session.to_be_ended.load(std::memory_order_relaxed)) session.give_up();
  });
}

void ShardApplication::start_heartbeats() {
  const std::size_t number = heartbeats_ + 1;
  shard_.every(options_.heartbeat_interval, [this, number] {
    if (number != heartbeats_) return false;
    check_heartbeats();
    return true;
  });
  heartbeats_ = number;
}

void ShardApplication::post_options(std::unique_ptr<ShardOptions> options) {
  const std::unique_ptr<ShardOptions> waiting(posted_options_.exchange(options.release()));
  if (waiting) return;  // So does the task that was posted with it.
  try {
    shard_.post([this] { change_options(std::move(*take_posted_options())); });
  } catch (...) {
    take_posted_options();
    throw;
  }
}

std::unique_ptr<ShardOptions> ShardApplication::take_posted_options() {
  return std::unique_ptr<ShardOptions>(posted_options_.exchange(nullptr));
}

void ShardApplication::change_options(ShardOptions options) {
  const SessionOptions before = std::exchange(options_, std::move(options.session));
  allowed_origins_ = std::move(options.allowed_origins);
  leaving_.set_drain_timeout(options.transport.drain_timeout);
  shard_.change_options(std::move(options.transport));
  for_each_session([&](Session& session) { session.on_options_changed(before); });
  if (options_.heartbeat_interval != before.heartbeat_interval) start_heartbeats();
}

void ShardApplication::check_heartbeats() {
  for_each_session([](Session& session) { session.check_heartbeat(); });
}

void ShardApplication::close_all() {
  for_each_session([](Session& session) { session.end(session::kShutdown); });
  shard_.drop_requests();
}

/// Sessions may end, and leave the hub, while they are visited.
void ShardApplication::for_each_session(const std::function<void(Session&)>& visit) {
  for (hub::Member* member : hub_.members()) {
    auto& session = static_cast<Session&>(*member);
    guarded(session, [&] { visit(session); });
  }
}

// Events of connections.

http::WireResponse ShardApplication::on_request(const net::Connection& connection,
                                                const http::RequestHead& head) {
  http::WireResponse response = http_router_.route(head);
  return response.status == 101 ? admit(connection, std::move(response)) : response;
}

/// Returns `response`, which accepts an upgrade, unless a limit forbids it.
http::WireResponse ShardApplication::admit(const net::Connection& connection,
                                           http::WireResponse response) {
  if (node_.draining) {
    shard_.counters().add(Counter::connections_refused_draining);
    return http::refuse({.status = 503, .reason = "The server is draining"});
  }
  if (const auto blocked = blocked_for(connection); blocked.count() > 0) {
    return http::refuse(
        {.status = 429, .reason = "Too many failed authentications", .retry_after = blocked});
  }
  if (node_.unauthenticated < node_.max_unauthenticated) return response;
  shard_.counters().add(Counter::connections_refused_unauthenticated);
  return http::refuse({.status = 503, .reason = "Too many connections"});
}

std::chrono::seconds ShardApplication::blocked_for(const net::Connection& connection) const {
  if (!node_.failed_authentications.any()) return {};
  const auto address = connection.client_address();
  return address ? node_.failed_authentications.blocked_for(*address, shard_.now())
                 : std::chrono::seconds(0);
}

void ShardApplication::on_handover(HandedOverConnection connection) {
  node_.options.http.handover.take(std::move(connection));
}

void ShardApplication::on_open(net::Connection& connection) {
  const ClientId id = ClientId::generate(node_.random);
  if (log_enabled(LogLevel::debug)) {
    node_.log(LogLevel::debug, "client_opened",
              "client " + id.text() + " opened on shard " + std::to_string(shard_.index()) +
                  " from " + connection.remote_address());
  }
  connection.attach(std::make_unique<ConnectionSession>(sessions_, id, connection));
}

void ShardApplication::on_message(net::Connection& connection, bool binary,
                                  std::string_view payload) {
  session_of(connection).on_message(binary, payload);
}

void ShardApplication::on_backpressure(net::Connection& connection) noexcept {
  // The answer to the upgrade is written before there is a session.
  if (connection.attachment() != nullptr) session_of(connection).outbound().on_backpressure();
}

bool ShardApplication::on_control(net::Connection& connection, std::size_t payload_bytes) {
  return session_of(connection).on_control_frame(payload_bytes);
}

void ShardApplication::on_drain(net::Connection& connection) {
  session_of(connection).outbound().on_drain();
}

void ShardApplication::on_deadline(net::Connection& connection) {
  session_of(connection).on_deadline();
}

/// Messages that a client sent before are handled while it is still in the hub; without memory to
/// keep it so long they are dropped, and its session ends with `owner`.
void ShardApplication::on_close(net::Connection& connection, std::uint16_t code,
                                std::string_view reason) noexcept try {
  Session& session = session_of(connection);
  const session::CloseCause cause{.code = code, .words = reason};
  if (!session.busy()) return session.on_close(cause);
  auto owner = connection.detach();
  auto& gone = static_cast<ConnectionSession&>(*owner);
  node_.directory.change_address(session, [&gone] { gone.disconnect(); });
  leaving_.add(session, std::move(owner), cause);
} catch (const std::exception& error) {
  log_given_up("what a client sent before its end", error);
}

}  // namespace wscast::server
