#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/client_info.h"
#include "wscast/error.h"
#include "wscast/export.h"
#include "wscast/json.h"
#include "wscast/listen_options.h"
#include "wscast/result.h"
#include "wscast/server_options.h"
#include "wscast/stats.h"
#include "wscast/transport.h"

namespace wscast {

/// Whether a message reached the other servers.
enum class Backplane : std::uint8_t {
  none,     ///< There are none: the memory broker, or a call that is for this server alone.
  ok,       ///< The broker has it.
  down,     ///< The broker is not there; it is not tried again.
  unknown,  ///< The broker did not say.
};

/// What became of a message to several.
struct PublishResult {
  std::size_t accepted = 0;  ///< Clients here that it was queued for.
  std::size_t dropped = 0;   ///< Clients here that refused it: too much unsent, or not connected.
  Backplane backplane = Backplane::none;
};

/// Runs on a shard thread, once, later and never inside the call (protocol.md D11; the reference's
/// `cb`). Not at all when the call answered an error or ignored the message.
using OnResult = std::function<void(const PublishResult&)>;

// The calls' arguments. Views need live only as long as the call. An absent `data` makes a message
// without the key (protocol.md D15). `exclude` names client ids that the message skips.

struct SendToClient {
  std::string_view client_id{};
  std::string_view event{};
  Json data{};
  Json id{};  ///< Written behind the data as `"id"`, for an answer to a message that had one.
  bool log = false;  ///< Logs the call (the reference's `doLog`).
};

struct SendToUser {
  std::string_view user_id{};
  std::string_view event{};
  Json data{};
  OnResult on_result{};
};

struct SendToRoom {
  std::string_view room{};
  std::string_view event{};
  Json data{};
  std::vector<std::string> exclude{};
  OnResult on_result{};
};

struct Broadcast {
  std::string_view event{};
  Json data{};
  std::vector<std::string> exclude{};
  OnResult on_result{};
};

/// The event and data of a message (the reference's `payload`).
struct Payload {
  std::string_view topic{};
  Json data{};
};

struct Send {
  /// A client id, a room, or empty for everybody (protocol.md D6 to D9).
  std::string_view destination{};
  Payload payload{};
  std::vector<std::string> exclude{};  ///< Of a message to a room or to everybody.
  OnResult on_result{};
  bool log = false;
};

struct Membership {
  std::string_view client_id{};
  std::string_view room{};
};

struct CloseClient {
  std::string_view client_id{};
  std::uint16_t code = 1000;
  std::string_view reason{};
};

struct CloseUser {
  std::string_view user_id{};
  std::uint16_t code = 1000;
  std::string_view reason{};
};

/// A server of real-time messages: clients connect over WebSocket, authenticate, sit in rooms and
/// belong to users; the application sends to any of them (`WebSocketServerHelper`). Every call may
/// be made from any thread, hooks included, unless it says otherwise, and none waits for a shard or
/// a client. Queries answer with copies of what was so at that moment.
class WSCAST_EXPORT Server {
 public:
  /// Judges the options and starts nothing. Throws std::invalid_argument that names all faults;
  /// without a broker the reference's `[WebSocketServerHelper] Invalid redis connection!`. A broker
  /// serves one Server, once: options that are copied for a second one need another broker.
  explicit Server(ServerOptions options);

  /// Shuts down and waits.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts the shards and the broker, and waits until that works. Call it once, before listen();
  /// not from a hook. Throws std::runtime_error that says why the broker does not (protocol.md R9);
  /// std::system_error: Errc::stopped when it was called before, or shutdown() meanwhile, which
  /// ends the waiting at once; or that a thread cannot be started, and which. The server has
  /// stopped then.
  void configure();

  /// Takes connections at `HOST:PORT`, `[IPV6]:PORT` (port 0: any free one) or `unix:PATH`, and
  /// returns the address with the port taken. May be called several times, also from a hook: it
  /// waits for no shard. Throws std::system_error: the address is taken, Errc::invalid_endpoint,
  /// what ListenOptions asks for cannot be had, or Errc::stopped.
  std::string listen(std::string_view endpoint, const ListenOptions& options = {});

  /// What an external WebSocket server calls, instead of or beside listen()
  /// (`getBunWebSocketHandler()`). Its functions must not outlive this server.
  ExternalServerHandler handler();

  /// A fresh client id for ExternalServerHandler::open (protocol.md U2).
  static std::string new_client_id();

  /// Where upgrades are taken (`getPath()`).
  const std::string& path() const;

  /// Names this server to the others: a UUID made anew for each Server.
  const std::string& server_id() const;

  // Queries (`getClients()`, `getClientsByUser()`, `getClientsByRoom()`).

  std::optional<ClientInfo> get_client(std::string_view client_id) const;
  std::vector<ClientInfo> get_clients() const;
  std::vector<ClientInfo> get_clients_by_user(std::string_view user_id) const;
  std::vector<ClientInfo> get_clients_by_room(std::string_view room) const;
  bool in_room(std::string_view client_id, std::string_view room) const;
  std::size_t client_count() const;
  std::size_t room_size(std::string_view room) const;
  Stats stats() const;

  // Membership, visible to queries and to the caller's next message when the call returns.

  /// Any room of valid UTF-8, in any state of the client, without the rules for clients
  /// (protocol.md D14). What other servers send to the room follows when Redis has confirmed.
  /// Errors: Errc::unknown_client, Errc::invalid_text, Errc::stopped.
  std::error_code join_room(const Membership& membership);

  /// Not to be in it is no error. Errors as above.
  std::error_code leave_room(const Membership& membership);

  /// From here on every message to the client goes through the outbound transformer; this is never
  /// taken back (protocol.md E1, E5). Errors: Errc::no_transformer, Errc::unknown_client,
  /// Errc::stopped.
  std::error_code enable_client_encryption(std::string_view client_id);

  // Sends. All but send() are for clients of this server (protocol.md D12). Errors of all:
  // Errc::invalid_json (data that is no JSON, or text that is no UTF-8), Errc::overloaded (of a
  // message to several, some of them may have been reached), Errc::stopped. What one thread sends
  // reaches each client in the order of the calls.

  /// protocol.md D1, T12: > 0 accepted (bytes of the message), 0 dropped (not here, or too much
  /// unsent), -1 accepted behind bytes that the kernel already refused. Exact on the client's shard
  /// thread; from elsewhere judged by what its shard last told, and what that then refuses is
  /// counted `dropped_late`.
  Result<int> send_to_client(const SendToClient& call);

  /// protocol.md D2.
  std::error_code send_to_user(const SendToUser& call);

  /// protocol.md D3, D4.
  std::error_code send_to_room(const SendToRoom& call);

  /// protocol.md D5: every authenticated client.
  std::error_code broadcast(const Broadcast& call);

  /// Here, and on the other servers (protocol.md D6 to D10). Without topic or data it is ignored.
  /// Further errors: Errc::message_too_big (longer than the broker takes; nobody got it),
  /// Errc::invalid_text (a destination or an excluded id that is no UTF-8).
  std::error_code send(const Send& call);

  /// What the reference does through `client.socket`: a close frame, then nothing more. The client
  /// is out of everything before its next message is read. Errors: Errc::unknown_client,
  /// Errc::invalid_text (a code that no close frame may have, a reason that is no UTF-8 or over 123
  /// bytes), Errc::stopped.
  std::error_code close_client(const CloseClient& call);

  /// The same for all clients of a user; none is no error.
  std::error_code close_user(const CloseUser& call);

  /// Stops taking connections, closes all clients with 1001 `Server shutting down`, waits for
  /// disconnected hooks (2 s) and for what is still to be encrypted (3.5 s), and ends the threads.
  /// Returns at once and never throws; no-op when called again. A hook may call it, and another
  /// thread while configure() waits (protocol.md O8, O19).
  void shutdown();

  /// Returns when the server has shut down. Not from a hook.
  void wait();

 private:
  friend struct ServerAccess;  ///< Of tests.
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wscast
