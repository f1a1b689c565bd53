#include "client/url.h"

#include <algorithm>
#include <charconv>

namespace wscast::client {
namespace {

constexpr std::uint16_t kDefaultPort = 80;  // RFC 6455 section 3
constexpr std::uint16_t kDefaultTlsPort = 443;

bool consume_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::uint16_t> parse_port(std::string_view text) {
  std::uint16_t port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return port;
}

/// Splits `host[:port]`, without the brackets round an IPv6 address.
std::optional<Endpoint> parse_authority(std::string_view text, std::optional<std::uint16_t> port) {
  std::string_view host = text.substr(0, text.find(':'));
  std::string_view rest = text.substr(host.size());
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    host = text.substr(1, bracket - 1);
    rest = text.substr(bracket + 1);
  }
  if (consume_prefix(rest, ":")) {
    port = parse_port(rest);
  } else if (!rest.empty()) {
    return std::nullopt;
  }
  if (host.empty() || !port) return std::nullopt;
  return Endpoint{.host = std::string(host), .port = *port, .unix_path = {}};
}

std::optional<Endpoint> unix_endpoint(std::string_view path) {
  if (!path.starts_with('/')) return std::nullopt;
  return Endpoint{.host = {}, .port = 0, .unix_path = std::string(path)};
}

std::optional<Url> parse_tcp_url(std::string_view text, bool tls) {
  const auto authority = text.substr(0, text.find_first_of("/?"));
  const auto endpoint = parse_authority(authority, tls ? kDefaultTlsPort : kDefaultPort);
  if (!endpoint || endpoint->port == 0) return std::nullopt;
  text.remove_prefix(authority.size());
  std::string target(text.starts_with('/') ? "" : "/");
  target += text;
  return Url{.endpoint = *endpoint, .target = std::move(target), .tls = tls};
}

std::optional<Url> parse_unix_url(std::string_view text) {
  const auto path = text.substr(0, text.find(':'));
  const auto endpoint = unix_endpoint(path);
  if (!endpoint) return std::nullopt;
  if (path.size() == text.size()) return Url{.endpoint = *endpoint};
  const auto target = text.substr(path.size() + 1);
  if (!target.starts_with('/')) return std::nullopt;
  return Url{.endpoint = *endpoint, .target = std::string(target)};
}

}  // namespace

std::optional<Endpoint> parse_endpoint(std::string_view text) {
  if (consume_prefix(text, "unix:")) return unix_endpoint(text);
  return parse_authority(text, std::nullopt);
}

std::optional<Url> parse_url(std::string_view text) {
  // It becomes part of the request.
  const auto in_no_url = [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; };
  if (std::ranges::any_of(text, in_no_url)) return std::nullopt;
  // RFC 6455 section 3: a fragment has no meaning in a WebSocket address.
  if (text.find('#') != std::string_view::npos) return std::nullopt;
  if (consume_prefix(text, "ws://")) return parse_tcp_url(text, false);
  if (consume_prefix(text, "wss://")) return parse_tcp_url(text, true);
  if (consume_prefix(text, "ws+unix:")) return parse_unix_url(text);
  return std::nullopt;
}

std::string host_header(const Endpoint& endpoint) {
  if (!endpoint.unix_path.empty()) return "localhost";
  const bool is_ipv6 = endpoint.host.find(':') != std::string::npos;
  std::string text;
  if (is_ipv6) text += '[';
  text += endpoint.host;
  if (is_ipv6) text += ']';
  return text.append(":").append(std::to_string(endpoint.port));
}

}  // namespace wscast::client
