#pragma once

#include <optional>
#include <string>

namespace wscast {

/// How Server::listen() opens its socket. What is for another kind of address is ignored.
struct ListenOptions {
  /// Of an IPv6 address: takes IPv6 connections alone. False: `[::]` takes those of IPv4 as well,
  /// and they count as IPv4 everywhere, in `remote_address()` and in the limit of an address too.
  bool ipv6_only = true;

  /// Of a Unix socket: the permissions of its file, at most 0777, whatever the umask is; set before
  /// anybody can connect. A client needs the right to write. Nothing: 0777 less the umask.
  std::optional<unsigned> unix_mode{};

  /// Of a Unix socket: the group of its file, by name or number; set before anybody can connect.
  /// The process must be in that group, or have the right to give files away. Empty: left as it is.
  std::string unix_group{};
};

}  // namespace wscast
