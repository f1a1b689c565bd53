#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wscast/broker.h"
#include "wscast/constants.h"
#include "wscast/ecdh.h"
#include "wscast/export.h"
#include "wscast/handed_over_connection.h"
#include "wscast/history.h"
#include "wscast/hooks.h"
#include "wscast/options.h"

namespace wscast {

/// A page that is served to HTTP GET and HEAD at its exact path.
struct StaticPage {
  std::string content_type = "text/html; charset=utf-8";
  std::string body{};

  /// More header fields, name and value, such as a content security policy.
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// HTTP requests that the application reads and responds to by itself.
struct HttpHandover {
  /// Such as `/api`: for this path and those below it, `/api/...`. What the server responds to
  /// itself (the WebSocket path, pages, status routes) goes before them. Empty: none.
  std::vector<std::string> paths{};

  /// Called for each such request once its head has been read and its client is within the limits,
  /// with any method. On the thread of a shard, so it must not wait: move the connection to another
  /// thread. When it throws, the connection is closed.
  std::function<void(HandedOverConnection connection)> take{};
};

/// What is served over plain HTTP beside the WebSocket path, to GET and HEAD. Nothing by default.
struct HttpOptions {
  std::map<std::string, StaticPage, std::less<>> pages{};  ///< By path, such as `/`.

  bool health = false;  ///< `/health`: 200 while the loop of every shard runs, else 503.
  bool ready = false;   ///< `/ready`: 200 while clients can connect, else 503 with the reason.
  bool stats = false;   ///< `/stats`: the server's Stats as JSON, without access control.

  HttpHandover handover{};
};

/// Everything that a Server is made from (the reference's `IWebSocketServerOptions`). Required are
/// `broker` and `hooks.authenticate`; the initialisers are the defaults of the others. Only
/// `allowed_origins` and what `session` and `transport` allow can change while the server runs
/// (Server::update_options()).
struct ServerOptions {
  /// The name of the server in its log lines.
  std::string identifier = "wscast";

  /// The path of WebSocket upgrades. It is matched exactly, without the query; other paths get 404
  /// (protocol.md T1, U1).
  std::string path{defaults::path};

  /// Origins whose pages may connect, as browsers send them (`https://example.com`); pages of other
  /// origins get 403. Empty: any. A request without an origin, which browsers do not send, is
  /// always accepted. A change is for clients that connect after it.
  std::vector<std::string> allowed_origins{};

  /// Required: memory_broker(), or redis_broker() to be one of several servers. It serves one
  /// Server, once: a copy of these options for another Server needs another broker.
  std::shared_ptr<Broker> broker{};

  /// The application's decisions; `authenticate` is required.
  Hooks hooks{};

  /// The ready-made encryption of clients, `wscast::ecdh()`. It takes the place of
  /// `session.encryption`, `hooks.handshake` and `hooks.outbound_transformer`, which must not be
  /// set then. Empty: no ready-made encryption.
  std::optional<EcdhScheme> encryption{};

  SessionOptions session{};
  TransportOptions transport{};
  HttpOptions http{};

  /// Rooms with history. The broker must be able to keep them: a memory_broker(), or Redis.
  std::vector<HistoryRule> history{};

  /// Announces this server to the others on the broker every 5 s, which finds them, and serves
  /// their calls (Server::get_servers(), Server::call_servers(), `hooks.server_call`; protocol.md
  /// X11). Needs `ws:server:*` in Redis' ACL; without that a warning says so, and all else works.
  bool announce = false;

  /// Threads that serve clients. 0: one per core that the process may use: by its affinity and the
  /// CPU quota of its control group (a container's), rounded up.
  std::size_t shards = 0;

  /// Bytes that may wait on their way to one shard from other threads; beyond it calls return
  /// Errc::overloaded. At least `transport.max_payload_length`.
  std::size_t max_inbox_bytes = 64 * 1024 * 1024;

  /// Measures how long messages and hooks take, and to how many clients messages go, for
  /// Server::measurements(). Without it those are empty, and nothing reads the clock for them.
  bool measure = false;

  /// Everything wrong with these options, one sentence each; empty if a Server accepts them.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

}  // namespace wscast
