#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "wscast/hooks.h"

namespace wscast::session {

class Session;

/// A client's message for the application (protocol.md M9). `data` and `id` are JSON texts.
struct Message {
  std::string event;
  std::optional<std::string> data;
  std::optional<std::string> id;
};

/// How a hook ended that said no, or that threw.
struct Refused {};
struct Threw {};

using AuthenticateAnswer = std::variant<Identity, Refused, Threw>;
using HandshakeAnswer = std::variant<HandshakeKeys, Refused, Threw>;

/// What to send instead of a message (protocol.md E3): another one, the message itself, or nothing
/// because the transformer threw.
struct AsItIs {};
using TransformAnswer = std::variant<Transformed, AsItIs, Threw>;

/// Runs the application's hooks for the sessions of a shard. Each request is answered later, never
/// inside the call, by the session's method named beside it; a session that ended meanwhile wants
/// no answer. False: there is no such hook, and no answer will come. Shard thread only.
class Delegate {
 public:
  virtual ~Delegate() = default;

  /// `data`: a JSON text. Answered by Session::on_authenticate_answer.
  virtual void authenticate(Session& session, std::string data) = 0;

  /// `data` as above. Answered by Session::on_handshake_answer.
  virtual bool handshake(Session& session, std::string data) = 0;

  /// Answered by Session::on_rooms_answer.
  virtual bool validate_rooms(Session& session, std::vector<std::string> rooms) = 0;

  // What other servers send is to be heard before the client can be reached by it. Answered by
  // Session::on_subscribed; false: it is heard already.

  /// What is for this client, which will belong to `user_id`, and for the default rooms.
  virtual bool subscribe_client(Session& session, std::string_view user_id) = 0;
  virtual bool subscribe_rooms(Session& session, const std::vector<std::string>& rooms) = 0;

  /// Answered by Session::on_hook_done.
  virtual bool handle(Session& session, Message message) = 0;
  virtual bool connected(Session& session) = 0;

  /// There is something in the session's outbox: answered by Session::seal_outbox, and if that
  /// leaves it to the hook, by Session::on_transform_answer for front_of_outbox().
  virtual void transform(Session& session) = 0;

  /// The session has ended, but its outbox is still to be transformed, until on_drain_end() or the
  /// outbox is empty.
  virtual void on_draining(Session& session) = 0;
  virtual void on_drain_end(Session& session) = 0;

  /// The session reads too slowly: end it with kSlowConsumer, but not now.
  virtual void slow(Session& session) = 0;

  /// A session that was to leave when idle is idle, or has ended: close it, but not now.
  virtual void left(Session& session) = 0;

  /// The session has ended, and is in nothing any more; once for each session, never answered.
  virtual void disconnected(Session& session) = 0;
};

}  // namespace wscast::session
