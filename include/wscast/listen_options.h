#pragma once

#include <optional>
#include <string>

#include "wscast/tls_options.h"

namespace wscast {

/// How Server::listen() opens its socket. An option for another kind of address is ignored.
struct ListenOptions {
  /// For an IPv6 address: whether to accept IPv6 connections only. If false, `[::]` accepts IPv4
  /// connections too; these count as IPv4 everywhere, also in `remote_address()` and in
  /// `max_connections_per_address`.
  bool ipv6_only = true;

  /// For a Unix socket: the permissions of its file, at most 0777, whatever the umask is; set
  /// before a client can connect. A client needs the permission to write. std::nullopt: 0777 less
  /// the umask.
  std::optional<unsigned> unix_mode{};

  /// For a Unix socket: the group of its file, by name or number; set before a client can connect.
  /// The process must be in that group, or be allowed to change the owner of files. Empty: it
  /// is not changed.
  std::string unix_group{};

  /// Whether each connection must begin with a header of the PROXY protocol, version 1 or 2, which
  /// says who the client is. Only `TransportOptions::trusted_proxies` may connect then; any other
  /// connection, and one without a valid header within `head_timeout`, is closed without a
  /// response.
  bool proxy_protocol = false;

  /// Whether clients connect by TLS (`wss://`), and how. std::nullopt: no TLS.
  std::optional<TlsOptions> tls{};
};

}  // namespace wscast
