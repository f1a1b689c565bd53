#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "session/close_cause.h"
#include "session/history_request.h"
#include "session/hook_results.h"

namespace wscast::session {

class Session;

/// A client's message for the application (protocol.md M9). `data` and `id` are JSON texts.
struct InboundEvent {
  std::string event;
  std::optional<std::string> data;
  std::optional<std::string> id;
};

/// Runs the application's hooks for the sessions of a shard. Each request is completed later, never
/// inside the call, by the method named beside it; not at all if the session has ended meanwhile.
/// Returns false if there is no such hook: then nothing completes it. Shard thread only.
class Delegate {
 public:
  virtual ~Delegate() = default;

  /// `data`: a JSON text. Completed by Session::on_authenticate_result.
  virtual void authenticate(Session& session, std::string data) = 0;

  /// `data` as above. Completed by Session::on_handshake_result.
  virtual bool handshake(Session& session, std::string data) = 0;

  /// Completed by Session::on_rooms_result.
  virtual bool validate_rooms(Session& session, std::vector<std::string> rooms) = 0;

  /// Subscribes to the channels of this client, who will be `user_id`, and of the default rooms.
  /// Completed by Session::on_subscribed; false if all are subscribed already.
  virtual bool subscribe_client(Session& session, std::string_view user_id) = 0;

  /// The same for the channels of `rooms`.
  virtual bool subscribe_rooms(Session& session, const std::vector<std::string>& rooms) = 0;

  /// Runs the message hook. Completed by Session::on_hook_done.
  virtual bool handle(Session& session, InboundEvent event) = 0;

  /// Runs the connected hook. Completed by Session::on_hook_done.
  virtual bool connected(Session& session) = 0;

  /// Encrypts the next message that waits. Completed by Outbound::seal_waiting; if that returns
  /// false, by Outbound::on_transform_result with what becomes of Outbound::front().
  virtual void transform(Session& session) = 0;

  /// The session has ended, but what waits to be encrypted is still to be transformed, until
  /// on_draining_finished().
  virtual void on_draining_started(Session& session) = 0;
  virtual void on_draining_finished(Session& session) noexcept = 0;

  /// Asks for positions and missed messages of rooms with a history. Completed by
  /// Session::on_history.
  virtual void read_history(Session& session, HistoryRequest request) = 0;

  /// Messages of such rooms wait for the session: call Session::request_replays at the end of the
  /// iteration, not inside this call.
  virtual void on_replay_due(Session& session) = 0;

  /// The session reads too slowly: end it with kSlowConsumer, but not inside this call.
  virtual void on_slow_consumer(Session& session) = 0;

  /// After Session::leave_when_idle, the session is idle or has ended: call Session::on_close, but
  /// not inside this call.
  virtual void on_idle(Session& session) noexcept = 0;

  /// The authenticate hook has rejected the client, which is closed next (protocol.md O4, X8).
  virtual void authentication_rejected(Session& /*session*/) {}

  /// Runs the disconnected hook, and logs the cause. The session has ended and is out of the hub;
  /// once per session, and also when memory is short.
  virtual void disconnected(Session& session, const CloseCause& cause) noexcept = 0;
};

}  // namespace wscast::session
