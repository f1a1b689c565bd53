#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/client_socket.h"
#include "wscast/json.h"
#include "wscast/metadata.h"
#include "wscast/reply.h"

/// The application's decisions. Each hook runs on the thread of the client's shard, between
/// iterations of the shard's loop (protocol.md M14). It may call the server, and should return
/// soon, since all clients of the shard wait: more than 50 ms is counted (`slow_hooks`). A hook
/// that throws is counted (`hook_failures`) and logged. For a client that is ended for want of
/// memory a hook that is due may not run, but the disconnected hook does.
///
/// The views, Json and sockets of a request are valid during the call of the hook; an OwnedRequest,
/// which is what `for_each_view` is for, keeps them longer. `user_id` is empty if there is none,
/// and `metadata` is what the authenticate hook returned.
namespace wscast {

/// What a client has sent to authenticate, the first time or to renew its identity.
struct AuthenticateRequest {
  std::string_view client_id{};
  Json data{};  ///< The `data` of the `authenticate` message; `{}` if it had none.
  ClientSocket* socket = nullptr;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(data);
  }
};

/// Who a client is.
struct Identity {
  std::string user_id{};  ///< Empty: no user.
  Metadata metadata{};

  /// How long it is valid, from the hook's result on; must be positive, else the client is
  /// rejected. When it has passed, the client is sent error `Token expired`, and after
  /// SessionOptions::expiry_grace closed with 4003. At any time before that it may send
  /// `authenticate` again: the hook runs again, and must return the same user; its metadata and
  /// expiry then hold (protocol.md X4). `std::nullopt`: for ever; a second `authenticate` is an
  /// error (M5).
  std::optional<std::chrono::milliseconds> expires_in{};
};

/// Returns who the client is; `std::nullopt` rejects the client, which is closed with 4003
/// (protocol.md M4, O4, O5; the reference's `authenticateFn`).
using AuthenticateHook = Hook<AuthenticateRequest, std::optional<Identity>>;

/// A client that the authenticate hook has accepted, and that is to be encrypted.
struct HandshakeRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  Json data{};  ///< The `data` of the `authenticate` message.

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(data);
  }
};

/// The server's side of a key agreement, which the client receives in `connected`.
struct HandshakeKeys {
  std::string server_public_key{};
  std::string salt{};
};

/// Agrees on keys with a client that is to be encrypted, and returns what the client needs for it;
/// `std::nullopt` rejects the client, which is closed with 4004 (protocol.md M17, O6, O7; the
/// reference's `handshakeFn`).
using HandshakeHook = Hook<HandshakeRequest, std::optional<HandshakeKeys>>;

/// The rooms that a client asks to join.
struct ValidateRoomsRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  std::span<const std::string> rooms{};  ///< Those of the `join` that are valid names; not empty.
  Metadata metadata{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(rooms);
  }
};

/// Returns the rooms to join, which need not be among the requested ones (protocol.md M7; the
/// reference's `validateRoomFn`).
using ValidateRoomsHook = Hook<ValidateRoomsRequest, std::vector<std::string>>;

/// A client that has connected or disconnected. In the disconnected hook `user_id` is empty for a
/// client that never authenticated, and `socket` is null.
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

/// Runs when a client has authenticated, after `connected` was sent to it (protocol.md M17; the
/// reference's `clientConnectedFn`).
using ConnectedHook = Hook<ClientEvent, void>;

/// Runs exactly once for each connection, when the client is in no room and no query any more
/// (protocol.md O16; the reference's `clientDisconnectedFn`).
using DisconnectedHook = Hook<ClientEvent, void>;

/// A client that has joined or left a room. In the hook left of a client that has ended, it is in
/// no query any more.
struct MembershipEvent {
  std::string_view client_id{};
  std::string_view user_id{};
  std::string_view room{};
  Metadata metadata{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(room);
  }
};

/// Runs when a client has joined a room that it was not in, by its own `join` or by
/// Server::join_room(). Not for the default rooms, nor for the room of its own id. Nothing waits
/// for its Reply.
using JoinedHook = Hook<MembershipEvent, void>;

/// Runs when a client has left such a room: by its own `leave`, by Server::leave_room(), or since
/// it has ended; then before the disconnected hook. The joined, left and disconnected hooks of a
/// client run in the order of what they report. Nothing waits for its Reply.
using LeftHook = Hook<MembershipEvent, void>;

/// A room that has got its first member on this server, or lost its last one.
struct RoomEvent {
  std::string_view room{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(room);
  }
};

/// Runs when a room has got its first member on this server. Not for the default rooms, nor for the
/// room of a client's own id while only that client is in it. Of one room this hook and the
/// next alternate, in order, on one shard; a room that was vacated and occupied again meanwhile, or
/// the reverse, is not reported. There is no order between them and the hooks of clients, which may
/// run on other shards. Nothing waits for its Reply.
using RoomOccupiedHook = Hook<RoomEvent, void>;

/// Runs when such a room has lost its last member on this server.
using RoomVacatedHook = Hook<RoomEvent, void>;

/// A message of an authenticated client whose event the protocol does not reserve.
struct ClientMessage {
  std::string_view client_id{};
  std::string_view user_id{};
  std::string_view event{};
  Json data{};  ///< Absent if the message had none.
  Json id{};    ///< The same.
  Metadata metadata{};
  ClientSocket* socket = nullptr;

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(event), visit(data), visit(id);
  }
};

/// Handles a message (protocol.md M9; the reference's `messageHandler`).
using MessageHook = Hook<ClientMessage, void>;

/// A message to an encrypted client, before it is sent.
struct TransformRequest {
  std::string_view client_id{};
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  std::string_view server_public_key{};  ///< From the handshake hook; empty if there was none.
  std::string_view salt{};               ///< The same.
  Metadata metadata{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(client_id), visit(user_id), visit(event), visit(data), visit(server_public_key),
        visit(salt);
  }
};

/// The message to send instead. An empty event, data that is not JSON, or text that is not UTF-8
/// counts as the transformer throwing.
struct Transformed {
  std::string event{};
  std::string data{};  ///< A JSON text; empty: a message without data.
};

/// Returns the message to send instead; `std::nullopt` sends the original (protocol.md E1 to E4;
/// the reference's `outboundTransformer`). When it throws, that message to that client is lost and
/// counted (`transform_failures`). Until it returns or replies, `transform_timeout` at most, it
/// counts towards `encrypted_batch_limit`.
using OutboundTransformer = Hook<TransformRequest, std::optional<Transformed>>;

/// A call of another server (Server::call_servers(); protocol.md X11).
struct ServerCallRequest {
  std::string_view from{};  ///< The id of that server.
  Json request{};

  template <class Visitor>
  void for_each_view(Visitor&& visit) {
    visit(from), visit(request);
  }
};

/// Returns the response to it, a JSON text. When it throws, or what it returns is not JSON, that
/// server is among the unanswered of the caller. Runs on a shard's thread, which waits.
using ServerCallHook = Hook<ServerCallRequest, std::string>;

/// All hooks of a Server. Those without a function are not called.
struct Hooks {
  AuthenticateHook authenticate{};  ///< Required.
  HandshakeHook handshake{};        ///< Without it required encryption rejects every client (O6).
  ValidateRoomsHook validate_rooms{};  ///< Without it every `join` of a client is rejected (M7).
  ConnectedHook connected{};
  DisconnectedHook disconnected{};
  JoinedHook joined{};
  LeftHook left{};
  RoomOccupiedHook room_occupied{};
  RoomVacatedHook room_vacated{};
  MessageHook message{};                       ///< Without it such messages are dropped (M9).
  OutboundTransformer outbound_transformer{};  ///< Required with `session.encryption` (E7).
  ServerCallHook server_call{};                ///< Without it calls of other servers fail (X11).
};

}  // namespace wscast
