#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/error.h"
#include "wscast/json.h"
#include "wscast/server_options.h"
#include "wscast/stats.h"

namespace wscast {

/// The event and data of a message (the reference's `payload`).
struct Payload {
  std::string_view topic{};
  Json data{};
};

/// One call of Server::send.
struct SendOptions {
  /// A client id, a room, or empty for everybody (protocol.md D6 to D9).
  std::string_view destination{};
  Payload payload{};
  /// Client ids that a message to a room or to everybody skips.
  std::vector<std::string> exclude{};
};

/// A server of real-time messages: clients connect over WebSocket, authenticate, sit in rooms and
/// belong to users; the application sends to any of them. Every call may be made from any thread,
/// hooks included, unless it says otherwise, and none waits for a client.
class Server {
 public:
  /// Judges the options and starts nothing. Throws std::invalid_argument that names all faults;
  /// without a broker the reference's `[WebSocketServerHelper] Invalid redis connection!`.
  explicit Server(ServerOptions options);

  /// Shuts down and waits.
  ~Server();

  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Starts the shards and the broker. Call it once, before listen(); not from a hook.
  void configure();

  /// Takes connections at `HOST:PORT`, `[IPV6]:PORT` (port 0: any free one) or `unix:PATH`, and
  /// answers the address with the port taken. May be called several times. Throws
  /// std::system_error: the address is taken, or Errc::invalid_endpoint. Not from a hook.
  std::string listen(std::string_view endpoint);

  /// Sends `{"event":topic,"data":data}` to a client, a room or everybody (protocol.md D6 to D10).
  /// A message without topic or data is ignored. Errors: Errc::invalid_json, Errc::overloaded,
  /// Errc::stopped.
  std::error_code send(const SendOptions& options);

  /// Whether that client is in that room, on this server.
  bool in_room(std::string_view client_id, std::string_view room) const;

  /// Clients of this server in that room.
  std::size_t room_size(std::string_view room) const;

  /// Clients of this server, in any state.
  std::size_t client_count() const;

  Stats stats() const;

  /// Stops taking connections, closes all clients with 1001 `Server shutting down` and ends the
  /// threads. Returns at once; a second call does nothing. A hook may call it.
  void shutdown();

  /// Returns when the server has shut down. Not from a hook.
  void wait();

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace wscast
