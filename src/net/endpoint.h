#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/ip_address.h"

namespace wscast::net {

/// An address to listen on or to connect to. A value.
struct Endpoint {
  sockaddr_storage address{};
  socklen_t size = 0;

  /// Reads `HOST:PORT` with a numeric IPv4 host, `[IPV6]:PORT`, or `unix:PATH`.
  static std::optional<Endpoint> parse(std::string_view text);

  /// Returns the address of the peer of a connected socket; without a family when there is none.
  /// An IPv4 peer of an IPv6 socket gets its IPv4 address.
  static Endpoint peer_of(int socket);

  /// In the form that parse() reads.
  std::string text() const;

  /// The address alone, without port; empty for a Unix socket.
  std::string host() const;

  /// The path of a Unix socket; empty for others.
  std::string path() const;

  /// The IP address alone; `std::nullopt` for a Unix socket.
  std::optional<IpAddress> ip() const;

  int family() const { return address.ss_family; }
  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&address); }
  sockaddr* get() { return reinterpret_cast<sockaddr*>(&address); }
};

}  // namespace wscast::net
