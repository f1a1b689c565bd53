#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/calls.h"
#include "wscast/client_info.h"
#include "wscast/drain_options.h"
#include "wscast/error.h"
#include "wscast/export.h"
#include "wscast/external_server.h"
#include "wscast/listen_options.h"
#include "wscast/measurements.h"
#include "wscast/page.h"
#include "wscast/publish_result.h"
#include "wscast/result.h"
#include "wscast/server_options.h"
#include "wscast/servers.h"
#include "wscast/stats.h"
#include "wscast/store.h"
#include "wscast/tls_options.h"
#include "wscast/trace.h"

namespace wscast {

/// A server of real-time messages: clients connect over WebSocket, authenticate as users and join
/// rooms; the application sends to clients, users, rooms and everybody (the reference's
/// `WebSocketServerHelper`).
///
/// Threads: every call may be made from any thread, hooks included, unless it says otherwise. Only
/// configure(), wait() and the destructor block. Queries return copies of the state at that moment.
///
/// Memory: a call for which there is none throws std::bad_alloc and has then done nothing, except
/// that join_room() and leave_room() may end their client instead (soon, without a close frame),
/// that close_user() may have closed some of the clients, and that a send that some receivers
/// cannot get returns Errc::overloaded. In a hook the exception may be left to the server.
/// shutdown() does not throw. A client for which a shard has no memory is ended and counted
/// (`closed_out_of_memory`); others are not concerned.
class WSCAST_EXPORT Server {
 public:
  /// Validates the options and starts nothing. Throws std::invalid_argument that names everything
  /// wrong with them; without a broker the reference's `[WebSocketServerHelper] Invalid redis
  /// connection!` (protocol.md R10). A broker serves one Server, once: a copy of the options for a
  /// second Server needs another broker.
  explicit Server(ServerOptions options);

  /// Calls shutdown() and wait(). Not from a hook.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts the shards and the broker, and blocks until the broker is connected. Call it once,
  /// before listen(); not from a hook. Throws
  /// - std::runtime_error that says why the broker is not connected (protocol.md R9);
  /// - std::system_error with Errc::stopped when it was called before, or when shutdown() was,
  ///   which ends the waiting at once;
  /// - std::system_error when a thread cannot be started.
  /// After a throw the server is stopped.
  void configure();

  /// Accepts connections at `HOST:PORT`, `[IPV6]:PORT` (port 0: any free one) or `unix:PATH`, and
  /// returns the address with the port in use. May be called several times. Throws
  /// std::system_error: the address is in use, Errc::invalid_endpoint, an option of ListenOptions
  /// cannot be applied, or Errc::stopped; std::invalid_argument that names everything wrong with
  /// ListenOptions::tls and its files. With TLS it reads files.
  std::string listen(std::string_view endpoint, const ListenOptions& options = {});

  /// Reads the certificate and key files of every TLS listener again; handshakes that begin
  /// afterwards use them, connections stay as they are. A listener whose files cannot all be used
  /// keeps what it has, and the result says why. The same happens by itself when files change
  /// (TlsOptions::reload_interval). Reads files while it runs; also from a hook.
  CertificateReload reload_certificates();

  /// Changes options while the server runs; no client is dropped for it, and connected clients
  /// follow soon after the call. Returns one sentence for each option that differs from what is in
  /// force and cannot change; these stay as they are (their comments say `Fixed`).
  /// `options.broker`, `options.hooks` and `options.http.handover.take` are not looked at. Begin
  /// with a copy of the options that the server was made with: an option that is left out becomes
  /// its default. Of concurrent calls one goes after the other. A no-op once the server has
  /// stopped.
  ///
  /// Throws std::invalid_argument that names everything wrong with the options; then nothing has
  /// changed. After std::bad_alloc some shards may have the new options: call it again.
  std::vector<std::string> update_options(const ServerOptions& options);

  /// What an external WebSocket server calls, instead of or beside listen() (the reference's
  /// `getBunWebSocketHandler()`). Its functions must not be called after this server is destroyed.
  ExternalServerHandler handler();

  /// Makes a new client id for ExternalServerHandler::open (protocol.md U2).
  static std::string new_client_id();

  /// The path of WebSocket upgrades: ServerOptions::path (`getPath()`).
  const std::string& path() const;

  /// Identifies this server to the others: a UUID, new for each Server.
  const std::string& server_id() const;

  // Queries (`getClients()`, `getClientsByUser()`, `getClientsByRoom()`): about the clients of this
  // server, in any state. No order.

  /// std::nullopt if the client is not on this server.
  std::optional<ClientInfo> get_client(std::string_view client_id) const;
  std::vector<ClientInfo> get_clients() const;
  /// Some of them, in the order of their ids.
  std::vector<ClientInfo> get_clients(const Page& page) const;
  std::vector<ClientInfo> get_clients_by_user(std::string_view user_id) const;
  std::vector<ClientInfo> get_clients_by_room(std::string_view room) const;

  /// Some of the rooms that clients of this server are in, in the order of their names; without
  /// those of clients' own ids.
  std::vector<RoomInfo> get_rooms(const Page& page) const;
  bool in_room(std::string_view client_id, std::string_view room) const;
  /// Whether send() to this room writes its history (ServerOptions::history).
  bool has_history(std::string_view room) const;
  std::size_t client_count() const;
  std::size_t room_size(std::string_view room) const;
  Stats stats() const;

  /// What the server measures beside its Stats. It costs much more than stats(): for a request of a
  /// monitoring system, not for each message.
  Measurements measurements() const;

  /// Whether the loop of every shard has run within the last 5 s, as `/health` says.
  bool healthy() const;

  // Traces: what happens to single messages. They cost nothing while there are none.

  /// Follows the next messages on this server, from now on. Errors: Errc::invalid_text (an id or a
  /// target that is none, or a number out of its limits); Errc::overloaded (8 traces are kept).
  std::error_code start_trace(const StartTrace& start);

  /// What the trace has noted so far; nothing if there is none of that id: traces are forgotten a
  /// minute after their time is over.
  std::optional<TraceReport> get_trace(std::string_view id) const;

  /// Ends and forgets a trace. Returns false if there is none of that id.
  bool stop_trace(std::string_view id);

  // Other servers on the broker (protocol.md X11): with ServerOptions::announce.

  /// This server, then the others that announced themselves within the last 15 s, in the order of
  /// their ids.
  std::vector<ServerInfo> get_servers() const;

  /// Calls the hook `server_call` of one other server, or of all. Errors: Errc::invalid_json (no
  /// request, one that is not JSON, no `on_result`, or a timeout out of its limits);
  /// Errc::message_too_big (over the broker's `max_publish_bytes`); Errc::overloaded (1,000 calls
  /// are under way); Errc::stopped.
  std::error_code call_servers(const CallServers& call);

  /// Keeps a text that all servers of the broker can read, unless there is one (protocol.md X13).
  /// Errors: Errc::invalid_text (a key that is none, a ttl out of its limits, or no `on_result`);
  /// Errc::message_too_big; Errc::overloaded (10,000 requests are under way); Errc::stopped.
  std::error_code store(const Store& call);

  // Membership. When a call returns, queries and the caller's next message see the change.

  /// Adds the client to a room; no-op if it is in it. The rules for rooms that clients join do not
  /// apply: any UTF-8, in any state of the client, which receives room messages from `connected` on
  /// (protocol.md D14). Messages of other servers to the room follow once Redis has confirmed the
  /// subscription. Errors: Errc::unknown_client, Errc::invalid_text, Errc::stopped.
  std::error_code join_room(const Membership& membership);

  /// Removes the client from a room; no-op if it is not in it. Errors: as join_room().
  std::error_code leave_room(const Membership& membership);

  /// Sends every further message of the client through the outbound transformer; cannot be undone
  /// (protocol.md E1, E5). Errors: Errc::no_transformer (E7), Errc::unknown_client, Errc::stopped.
  std::error_code enable_client_encryption(std::string_view client_id);

  // Sends. All but send() reach clients of this server only (protocol.md D12). What one thread
  // sends reaches each client in the order of the calls. Errors of all of them: Errc::invalid_json
  // (`data` is not JSON, or a text is not UTF-8); Errc::overloaded (a shard has too many bytes
  // waiting, `max_inbox_bytes`; some of several receivers may get the message); Errc::stopped.

  /// Sends to one client, in any state (protocol.md D1). Returns > 0: accepted, the bytes of the
  /// message; 0: dropped, the client is not here or is over `backpressure_limit`; -1: accepted, but
  /// queued behind bytes that the kernel refused (T12). Exact on the thread of the client's shard;
  /// on other threads it goes by what the shard last reported, and what the shard then has to drop
  /// is counted (`dropped_late`).
  Result<int> send_to_client(const SendToClient& call);

  /// Sends to each client of a user (protocol.md D2).
  std::error_code send_to_user(const SendToUser& call);

  /// Sends to each member of a room but the excluded (protocol.md D3, D4).
  std::error_code send_to_room(const SendToRoom& call);

  /// Sends to each authenticated client but the excluded (protocol.md D5).
  std::error_code broadcast(const Broadcast& call);

  /// Sends on this server and on all others: to a client, to a room, or to everybody (protocol.md
  /// D6 to D10). To a room with history the broker gets it first, and all servers deliver what the
  /// broker publishes (H3). Returns success without sending when `event` or `data` is missing.
  /// Further errors: Errc::message_too_big (over the broker's `max_publish_bytes`; it was sent to
  /// no client); Errc::invalid_text (a destination or an excluded id that is not UTF-8, or
  /// Send::key).
  std::error_code send(const Send& call);

  /// Runs `calls` on this thread. The messages that this thread sends meanwhile gather, and go to
  /// the shards when it returns, or when 256 have gathered, in their order: a shard is woken once
  /// for all of them. For threads that send many messages in a row; on a shard's thread, where
  /// messages gather anyway, and within another batch() it only runs `calls`. What can then not be
  /// delivered for want of memory is in the result, and counted (`dropped_overloaded`). Throws what
  /// `calls` throws, once the messages have gone.
  void batch(const std::function<void()>& calls);

  /// Sends a close frame, then nothing more, and handles no later message of the client (what the
  /// reference does through `client.socket`). Errors: Errc::unknown_client; Errc::invalid_text (a
  /// code that is not valid in a close frame, a reason that is not UTF-8 or is over 123 bytes);
  /// Errc::stopped.
  std::error_code close_client(const CloseClient& call);

  /// Closes each client of a user; success if there is none. Other errors: as close_client().
  std::error_code close_user(const CloseUser& call);

  /// Refuses a user until a time (protocol.md X9): each of its clients is sent error `User revoked`
  /// and closed with 4003, and so is each client that the authenticate hook accepts as that user,
  /// in place of `connected`. A later call for the user replaces this one. For this server only.
  /// Errors: Errc::invalid_text (an empty user id, or not UTF-8), Errc::stopped.
  std::error_code revoke_user(const RevokeUser& call);

  /// Sends the clients to other servers, then shuts down (protocol.md X7). From the call on no new
  /// client is accepted: upgrades get 503 with `Retry-After`, ExternalServerHandler::open() returns
  /// Errc::stopped, `/ready` is 503 `draining`, while `/health` stays 200. After `options.delay`
  /// the listening sockets are closed, so that a proxy goes to another server at once; clients that
  /// are not authenticated are closed; each of the others is sent `{"event":"disconnect",
  /// "data":{"reconnectAfterMs":N}}`, with an N of its own, and is closed with 1001 `Server
  /// shutting down` when N has passed. When all are closed, shutdown() is called. Everything else
  /// goes on as before until then.
  ///
  /// Returns at once; a second call, or one after shutdown(), is a no-op; shutdown() ends it at
  /// once. Before the server runs it does what shutdown() does. May be called in a hook. Throws
  /// std::invalid_argument: an option is negative.
  void drain(const DrainOptions& options = {});

  /// Stops accepting connections, closes every client with 1001 `Server shutting down`, waits for
  /// disconnected hooks (2 s at most) and for messages that are still to be encrypted (3.5 s at
  /// most), and ends the threads. Returns at once and never throws; a second call is a no-op. May
  /// be called in a hook, and while another thread is in configure() (protocol.md O8, O19).
  void shutdown();

  /// Blocks until the server has shut down. Not from a hook.
  void wait();

 private:
  friend struct ServerAccess;  ///< For tests.
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wscast
