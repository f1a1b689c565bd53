#pragma once

#include <new>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/client_id.h"
#include "base/named_log.h"
#include "hub/hub.h"
#include "net/failed_authentications.h"
#include "server/channel_interest.h"
#include "server/close_log.h"
#include "server/guarded.h"
#include "server/leaving_clients.h"
#include "server/shard_executor.h"
#include "server/shard_hooks.h"
#include "server/shard_transformer.h"
#include "session/delegate.h"
#include "session/session.h"

namespace wscast::server {

/// What the sessions of a shard request, passed on to the part that does it; ends slow clients
/// itself. Shard thread only.
class ShardDelegate final : public session::Delegate {
 public:
  /// All of them must outlive it.
  ShardDelegate(ShardExecutor& executor, const hub::Hub& hub, ShardHooks& hooks,
                ShardTransformer& transformer, ChannelInterest& interest, LeavingClients& leaving,
                net::FailedAuthentications& failed_authentications, const NamedLog& log)
      : executor_(executor),
        hub_(hub),
        hooks_(hooks),
        transformer_(transformer),
        interest_(interest),
        leaving_(leaving),
        failed_authentications_(failed_authentications),
        log_(log) {}

  /// Ends the sessions that read too slowly; in each iteration.
  void end_slow_clients() noexcept {
    for (const ClientId& client : std::exchange(slow_clients_, {})) {
      hub::Member* member = hub_.find(client);
      if (member == nullptr) continue;
      auto& session = *static_cast<session::Session*>(member);
      guarded(session, [&session] { session.end(session::kSlowConsumer); });
    }
  }

  /// Passes on what sessions want to know of rooms with history; in each iteration.
  void ask_history(ShardRouter& router) noexcept {
    for (const ClientId& client : std::exchange(replays_, {})) {
      hub::Member* member = hub_.find(client);
      if (member == nullptr) continue;
      auto& session = *static_cast<session::Session*>(member);
      guarded(session, [&session] { session.request_replays(); });
    }
    for (HistoryAsk& ask : std::exchange(history_requests_, {})) {
      hub::Member* member = hub_.find(ask.client);
      if (member == nullptr) continue;
      guarded(*static_cast<session::Session*>(member),
              [&] { router.route(kBrokerShard, std::move(ask)); });
    }
  }

  void authenticate(session::Session& session, std::string data) override {
    hooks_.authenticate(session, std::move(data));
  }
  bool handshake(session::Session& session, std::string data) override {
    return hooks_.handshake(session, std::move(data));
  }
  bool validate_rooms(session::Session& session, std::vector<std::string> rooms) override {
    return hooks_.validate_rooms(session, std::move(rooms));
  }
  bool subscribe_client(session::Session& session, std::string_view user_id) override {
    return interest_.subscribe_client(session, user_id);
  }
  bool subscribe_rooms(session::Session& session, const std::vector<std::string>& rooms) override {
    return interest_.subscribe_rooms(session, rooms);
  }
  bool handle(session::Session& session, session::InboundEvent event) override {
    return hooks_.handle(session, std::move(event));
  }
  bool connected(session::Session& session) override { return hooks_.connected(session); }
  void transform(session::Session& session) override { transformer_.transform(session); }
  void on_draining_started(session::Session& session) override {
    transformer_.on_draining_started(session);
  }
  void on_draining_finished(session::Session& session) noexcept override {
    transformer_.on_draining_finished(session);
  }
  void on_slow_consumer(session::Session& session) override {
    slow_clients_.push_back(session.id);
    executor_.request_iteration();
  }
  void read_history(session::Session& session, session::HistoryRequest request) override {
    history_requests_.push_back({session.shard, session.id, std::move(request)});
    executor_.request_iteration();
  }
  void on_replay_due(session::Session& session) override {
    replays_.push_back(session.id);
    executor_.request_iteration();
  }
  void on_idle(session::Session& session) noexcept override { leaving_.on_idle(session); }
  void authentication_rejected(session::Session& session) override {
    const auto address = session.transport().client_address();
    if (!address || !failed_authentications_.record(*address, executor_.now())) return;
    log_(LogLevel::warning, "address_blocked",
         address->text() +
             " has reached max_failed_authentications_per_address: its new "
             "connections get 429 until its minute is over");
  }
  void disconnected(session::Session& session, const session::CloseCause& cause) noexcept override {
    log_closed(session, cause);
    release_pinned(session);
    hooks_.disconnected(session);
  }

 private:
  /// Without memory a channel stays subscribed, which is counted.
  void release_pinned(session::Session& session) noexcept try {
    interest_.release_pinned(session);
  } catch (const std::bad_alloc&) {
    executor_.counters().add(Counter::dropped_out_of_memory);
  }
  void log_closed(const session::Session& session, const session::CloseCause& cause) noexcept try {
    if (log_enabled(LogLevel::debug))
      log_(LogLevel::debug, "client_closed", closed_line(session, cause));
  } catch (const std::bad_alloc&) {  // The line is lost; the client's end is counted.
  }

  ShardExecutor& executor_;
  const hub::Hub& hub_;
  ShardHooks& hooks_;
  ShardTransformer& transformer_;
  ChannelInterest& interest_;
  LeavingClients& leaving_;
  net::FailedAuthentications& failed_authentications_;
  const NamedLog& log_;
  std::vector<ClientId> slow_clients_;
  std::vector<ClientId> replays_;
  std::vector<HistoryAsk> history_requests_;
};

}  // namespace wscast::server
