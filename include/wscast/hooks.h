#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/json.h"
#include "wscast/metadata.h"
#include "wscast/reply.h"
#include "wscast/transport.h"

/// What the application decides. Each hook runs on the thread of the client's shard, between two
/// iterations of its loop: it may call the server, and should return soon, for all clients of that
/// shard wait (over 50 ms is counted as `slow_hooks`). A hook that throws is counted and logged.
/// Views, Json and sockets live as long as the call; wscast/owned_request.h keeps a request longer.
namespace wscast {

struct AuthenticateRequest {
  std::string_view client_id{};
  Json data{};  ///< Of the `authenticate` message; `{}` when there was none.
  ClientSocket* socket = nullptr;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(data);
  }
};

/// Who a client is. An empty `user_id` is none.
struct Identity {
  std::string user_id{};
  Metadata metadata{};
};

/// Nothing refuses the client (protocol.md M4, O4, O5; `authenticateFn`).
using AuthenticateHook = Hook<AuthenticateRequest, std::optional<Identity>>;

struct HandshakeRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  Json data{};  ///< Of the `authenticate` message.

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(data);
  }
};

/// What the client is told in `connected`.
struct HandshakeKeys {
  std::string server_public_key{};
  std::string salt{};
};

/// Agrees on keys; nothing refuses the client (protocol.md M17, O6, O7; `handshakeFn`).
using HandshakeHook = Hook<HandshakeRequest, std::optional<HandshakeKeys>>;

struct ValidateRoomsRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  std::span<const std::string> rooms{};  ///< As asked for, names that no room may have left out.
  Metadata metadata{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(rooms);
  }
};

/// Answers the rooms to join, asked for or not (protocol.md M7; `validateRoomFn`).
using ValidateRoomsHook = Hook<ValidateRoomsRequest, std::vector<std::string>>;

/// A client that the connected or disconnected hook is about (`clientConnectedFn`,
/// `clientDisconnectedFn`). `user_id` is empty for one that never authenticated; `socket` is null
/// for one that has gone.
struct ClientEvent {
  std::string_view client_id{};
  std::string_view user_id{};
  Metadata metadata{};
  ClientSocket* socket = nullptr;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id);
  }
};
using ConnectedHook = Hook<ClientEvent, void>;
using DisconnectedHook = Hook<ClientEvent, void>;

/// An event of an authenticated client that the protocol leaves to the application.
struct ClientMessage {
  std::string_view client_id{};
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  Json id{};
  Metadata metadata{};
  ClientSocket* socket = nullptr;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(event), visit(data), visit(id);
  }
};

/// protocol.md M9; `messageHandler`.
using MessageHook = Hook<ClientMessage, void>;

/// A message on its way to an encrypted client.
struct TransformRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  std::string_view server_public_key{};  ///< What the handshake hook answered; empty: none.
  std::string_view salt{};
  Metadata metadata{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(event), visit(data), visit(server_public_key),
        visit(salt);
  }
};

/// What is sent instead: an event and a JSON text (empty: a message without data). Anything else,
/// and invalid UTF-8, counts as the transformer throwing.
struct Transformed {
  std::string event{};
  std::string data{};
};

/// Answers what is sent instead, or nothing to send the message as it is (protocol.md E1 to E4;
/// `outboundTransformer`). Until it does it takes one of a shard's `encrypted_batch_limit` places,
/// for `transform_timeout` at most.
using OutboundTransformer = Hook<TransformRequest, std::optional<Transformed>>;

struct Hooks {
  AuthenticateHook authenticate{};             ///< Required.
  HandshakeHook handshake{};                   ///< Without it required encryption refuses all (O6).
  ValidateRoomsHook validate_rooms{};          ///< Without it no client may join a room by itself.
  ConnectedHook connected{};                   ///< Runs after `connected` was sent.
  DisconnectedHook disconnected{};             ///< Once for each client, whatever became of it.
  MessageHook message{};                       ///< Without it such events are dropped.
  OutboundTransformer outbound_transformer{};  ///< Required with `session.encryption` (E7).
};

}  // namespace wscast
