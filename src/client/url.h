#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace wscast::client {

/// Where a server listens: a TCP host and port, or the path of a Unix socket.
struct Endpoint {
  std::string host{};  ///< Name or address; an IPv6 address without its brackets.
  std::uint16_t port = 0;
  std::string unix_path{};  ///< Not empty: host and port are ignored.

  friend bool operator==(const Endpoint&, const Endpoint&) = default;
};

/// A WebSocket address. `target` is path and query, at least "/".
struct Url {
  Endpoint endpoint;
  std::string target = "/";
  bool tls = false;  ///< `wss`.

  friend bool operator==(const Url&, const Url&) = default;
};

/// Reads `HOST:PORT`, `[IPV6]:PORT` or `unix:/absolute/path`, as servers print them.
std::optional<Endpoint> parse_endpoint(std::string_view text);

/// Reads `ws://host[:port][/path][?query]` (port 80 when left out), the same with `wss` (443), or
/// `ws+unix:/absolute/path/of.sock[:/path]`, the form of npm's `ws`.
std::optional<Url> parse_url(std::string_view text);

/// The HTTP Host header's value for `endpoint`.
std::string host_header(const Endpoint& endpoint);

}  // namespace wscast::client
