#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wscast/broker.h"
#include "wscast/constants.h"
#include "wscast/ecdh.h"
#include "wscast/export.h"
#include "wscast/hooks.h"
#include "wscast/options.h"

namespace wscast {

/// A page served by its exact path over HTTP GET.
struct StaticPage {
  std::string content_type = "text/html; charset=utf-8";
  std::string body{};
  /// Further header fields, such as a content security policy.
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// What is answered over plain HTTP, each to GET and HEAD.
struct HttpOptions {
  std::map<std::string, StaticPage, std::less<>> pages{};  ///< By path, such as `/`.

  bool health = false;  ///< `/health`: 200 while every shard's loop runs, else 503.
  bool ready = false;   ///< `/ready`: 200 while clients may come, else 503 with the reason.
  bool stats = false;   ///< `/stats`: the server's numbers as JSON, for anybody who asks.
};

/// Everything a Server is made from (the reference's `IWebSocketServerOptions`).
struct ServerOptions {
  /// Names the server in its log lines.
  std::string identifier = "wscast";

  /// Where WebSocket upgrades are taken; matched exactly, the query ignored (protocol.md T1, U1).
  std::string path{defaults::path};

  /// Origins (`https://example.com`, scheme, host and port as browsers send them) whose pages may
  /// connect; others are answered 403. Empty: any. A request without an origin is no browser's, and
  /// is not held up.
  std::vector<std::string> allowed_origins{};

  /// Required: memory_broker(), or redis_broker() when there are more servers than this one. For
  /// one Server, once: a copy of these options needs another.
  std::shared_ptr<Broker> broker{};

  Hooks hooks{};

  /// Who is encrypted, and how, without hooks of one's own: `wscast::ecdh()`. Takes the place of
  /// `session.encryption`, `hooks.handshake` and `hooks.outbound_transformer`.
  std::optional<EcdhScheme> encryption{};

  SessionOptions session{};
  TransportOptions transport{};
  HttpOptions http{};

  /// Threads that serve clients; 0: one a core.
  std::size_t shards = 0;

  /// Bytes that may wait on their way to one shard; beyond it calls answer Errc::overloaded.
  std::size_t max_inbox_bytes = 64 * 1024 * 1024;

  /// All that is wrong with these options, one sentence each; empty when they will do.
  WSCAST_EXPORT std::vector<std::string> validate() const;
};

}  // namespace wscast
