#include "net/endpoint.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <charconv>
#include <cstddef>
#include <cstring>
#include <span>

namespace wscast::net {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";

std::optional<in_port_t> parse_port(std::string_view text) {
  in_port_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return htons(port);
}

std::optional<Endpoint> parse_unix(std::string_view path) {
  Endpoint endpoint;
  auto& address = reinterpret_cast<sockaddr_un&>(endpoint.address);
  if (path.empty() || path.size() >= sizeof address.sun_path) return std::nullopt;
  if (path.find('\0') != std::string_view::npos) return std::nullopt;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.data(), path.size());
  endpoint.size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + path.size() + 1);
  return endpoint;
}

std::optional<Endpoint> parse_ipv4(const std::string& host, in_port_t port) {
  Endpoint endpoint;
  auto& address = reinterpret_cast<sockaddr_in&>(endpoint.address);
  if (inet_pton(AF_INET, host.c_str(), &address.sin_addr) != 1) return std::nullopt;
  address.sin_family = AF_INET;
  address.sin_port = port;
  endpoint.size = sizeof address;
  return endpoint;
}

std::optional<Endpoint> parse_ipv6(const std::string& host, in_port_t port) {
  Endpoint endpoint;
  auto& address = reinterpret_cast<sockaddr_in6&>(endpoint.address);
  if (inet_pton(AF_INET6, host.c_str(), &address.sin6_addr) != 1) return std::nullopt;
  address.sin6_family = AF_INET6;
  address.sin6_port = port;
  endpoint.size = sizeof address;
  return endpoint;
}

std::span<const std::uint8_t> bytes_of(const in_addr& address) {
  return {reinterpret_cast<const std::uint8_t*>(&address), sizeof address};
}

/// A dual-stack socket reports IPv4 peers as IPv6 addresses (RFC 4291 section 2.5.5.2).
void unmap_ipv4(Endpoint& endpoint) {
  if (endpoint.family() != AF_INET6) return;
  const auto& in6 = reinterpret_cast<const sockaddr_in6&>(endpoint.address);
  if (!IN6_IS_ADDR_V4MAPPED(&in6.sin6_addr)) return;
  Endpoint plain;
  auto& in = reinterpret_cast<sockaddr_in&>(plain.address);
  in.sin_family = AF_INET;
  in.sin_port = in6.sin6_port;
  std::memcpy(&in.sin_addr, &in6.sin6_addr.s6_addr[12], sizeof in.sin_addr);
  plain.size = sizeof in;
  endpoint = plain;
}

}  // namespace

std::optional<Endpoint> Endpoint::parse(std::string_view text) {
  if (text.starts_with(kUnixPrefix)) return parse_unix(text.substr(kUnixPrefix.size()));
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = parse_port(text.substr(colon + 1));
  if (!port) return std::nullopt;
  const std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) {
    return parse_ipv6(std::string(host.substr(1, host.size() - 2)), *port);
  }
  return parse_ipv4(std::string(host), *port);
}

Endpoint Endpoint::peer_of(int socket) {
  Endpoint peer;
  peer.size = sizeof peer.address;
  if (::getpeername(socket, peer.get(), &peer.size) != 0) return {};
  unmap_ipv4(peer);
  return peer;
}

std::string Endpoint::text() const {
  switch (family()) {
    case AF_INET: {
      const auto& in = reinterpret_cast<const sockaddr_in&>(address);
      return host() + ":" + std::to_string(ntohs(in.sin_port));
    }
    case AF_INET6: {
      const auto& in6 = reinterpret_cast<const sockaddr_in6&>(address);
      return std::string("[").append(host()).append("]:") + std::to_string(ntohs(in6.sin6_port));
    }
    case AF_UNIX:
      return std::string(kUnixPrefix) + path();
    default:
      return {};
  }
}

std::string Endpoint::host() const {
  char out[INET6_ADDRSTRLEN] = "";
  if (family() == AF_INET) {
    inet_ntop(AF_INET, &reinterpret_cast<const sockaddr_in&>(address).sin_addr, out, sizeof out);
  } else if (family() == AF_INET6) {
    inet_ntop(AF_INET6, &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr, out, sizeof out);
  }
  return out;
}

std::optional<IpAddress> Endpoint::ip() const {
  if (family() == AF_INET) {
    return IpAddress::from_bytes(bytes_of(reinterpret_cast<const sockaddr_in&>(address).sin_addr));
  }
  if (family() == AF_INET6) {
    return IpAddress::from_bytes(reinterpret_cast<const sockaddr_in6&>(address).sin6_addr.s6_addr);
  }
  return std::nullopt;
}

std::string Endpoint::path() const {
  if (family() != AF_UNIX) return {};
  return reinterpret_cast<const sockaddr_un&>(address).sun_path;
}

}  // namespace wscast::net
