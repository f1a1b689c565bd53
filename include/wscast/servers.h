#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/json.h"

/// The servers that share a broker, and calls from one to others (protocol.md X11).
namespace wscast {

/// A server, as it last announced itself: at most some seconds ago.
struct ServerInfo {
  std::string id{};          ///< Server::server_id()
  std::string identifier{};  ///< ServerOptions::identifier
  std::string version{};     ///< Of the library, such as `0.9.0`.
  bool self = false;         ///< It is the one that was asked.
  bool draining = false;
  std::chrono::system_clock::time_point started_at{};  ///< By its own clock.
  std::size_t connections = 0;
  std::size_t clients = 0;
  std::size_t authenticated = 0;
  std::size_t rooms = 0;  ///< With members there, without those of clients' own ids.
};

/// A server's response to a call.
struct ServerResponse {
  std::string server_id{};
  std::string response{};  ///< JSON text.
};

/// What became of a call to other servers.
struct ServersResult {
  std::vector<ServerResponse> responses{};  ///< In the order in which they came.
  /// The ids of servers that did not respond in time, or failed: sorted.
  std::vector<std::string> unanswered{};
};

/// Receives the result, once, on a shard thread, later and never inside the call.
using OnServersResult = std::function<void(const ServersResult&)>;

/// Arguments of Server::call_servers(). The views must be valid during the call only.
struct CallServers {
  /// The server to call. Empty: all others that have announced themselves.
  std::string_view server_id{};
  Json request{};
  std::chrono::milliseconds timeout{500};  ///< More than 0, at most 10 s.
  OnServersResult on_result{};             ///< Required.
};

}  // namespace wscast
