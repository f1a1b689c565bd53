#include "broker/redis/discovery/redis_url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

namespace wscast::redis {
namespace {

constexpr std::uint16_t kRedisPort = 6379;
constexpr std::uint16_t kSentinelPort = 26379;
constexpr std::size_t kMaxUnixPathBytes = 107;  // unix(7): sun_path, without its final zero.

struct Scheme {
  std::string_view prefix;
  RedisUrl::Kind kind;
  bool tls;
  std::uint16_t port;  ///< 0: the host is a path.
};

constexpr std::array<Scheme, 5> kSchemes = {{
    {"redis://", RedisUrl::Kind::single, false, kRedisPort},
    {"rediss://", RedisUrl::Kind::single, true, kRedisPort},
    {"unix://", RedisUrl::Kind::single, false, 0},
    {"redis-sentinel://", RedisUrl::Kind::sentinel, false, kSentinelPort},
    {"redis-cluster://", RedisUrl::Kind::cluster, false, kRedisPort},
}};

/// What is wrong. Never quotes the text that was read: in a malformed URL it is not certain where
/// the password ends.
struct Fault {
  const char* sentence;
};

template <typename Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const bool digits = !text.empty() && text.front() >= '0' && text.front() <= '9';
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (!digits || error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}

/// Cuts `text` in front of the first `mark` and returns what stands behind it.
std::optional<std::string_view> cut_at(std::string_view& text, char mark) {
  const auto at = text.find(mark);
  if (at == std::string_view::npos) return std::nullopt;
  const auto behind = text.substr(at + 1);
  text = text.substr(0, at);
  return behind;
}

std::string decode_percent(std::string_view text) {
  std::string decoded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned char byte = 0;
    const auto digits = text.substr(i + 1, 2);
    const char* const end = digits.data() + digits.size();
    const auto [stop, error] = std::from_chars(digits.data(), end, byte, 16);
    if (digits.size() < 2 || error != std::errc() || stop != end) {
      throw Fault{"The Redis URL has a % without two hex digits behind it in user or password."};
    }
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

/// Removes `USER:PASSWORD@` from the front of `text`.
void read_credentials(std::string_view& text, RedisUrl& url) {
  // A path may have an at sign, a host has none.
  const auto at = text.substr(0, text.find('/')).rfind('@');
  if (at == std::string_view::npos) return;
  auto user = text.substr(0, at);
  text.remove_prefix(at + 1);
  const auto password = cut_at(user, ':');
  url.user = decode_percent(user);
  url.password = decode_percent(password.value_or(""));
}

bool is_ipv6(std::string_view text) {
  cut_at(text, '%');  // Only the system can validate the zone.
  in6_addr address;
  return inet_pton(AF_INET6, std::string(text).c_str(), &address) == 1;
}

bool is_host_name(std::string_view text) {
  return std::ranges::all_of(text, [](char c) {
    const char letter = static_cast<char>(c | 0x20);
    return (letter >= 'a' && letter <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  });
}

/// Removes the name from the front of `text`, so that the port is left, with its colon.
std::string_view read_host_name(std::string_view& text) {
  if (text.starts_with('[')) {
    const auto bracket = text.find(']');
    const auto name = text.substr(1, bracket - 1);
    if (bracket == std::string_view::npos || !is_ipv6(name)) {
      throw Fault{"The Redis URL has brackets without an IPv6 address in them."};
    }
    text.remove_prefix(bracket + 1);
    return name;
  }
  const auto name = text.substr(0, text.find(':'));
  if (text.find(':') != text.rfind(':')) {
    throw Fault{"The Redis URL has a host with several colons: an IPv6 address is in brackets."};
  }
  if (name.empty()) throw Fault{"The Redis URL has an empty host."};
  if (!is_host_name(name)) {
    throw Fault{"The Redis URL has a host with characters that no host name has."};
  }
  text.remove_prefix(name.size());
  return name;
}

Host parse_host(std::string_view text, std::uint16_t default_port) {
  const auto name = read_host_name(text);
  if (text.empty()) return {std::string(name), default_port};
  const auto port = parse_number<std::uint16_t>(text.substr(1));
  if (text.front() != ':' || !port || *port == 0) {
    throw Fault{"The Redis URL has a port that is not 1 to 65535."};
  }
  return {std::string(name), *port};
}

std::vector<Host> parse_hosts(std::string_view text, std::uint16_t default_port) {
  std::vector<Host> hosts;
  for (std::optional<std::string_view> rest = text; rest;) {
    auto host = *rest;
    rest = cut_at(host, ',');
    hosts.push_back(parse_host(host, default_port));
  }
  return hosts;
}

Host parse_path(std::string_view path) {
  if (!path.starts_with('/') || path.size() == 1) {
    throw Fault{"The Redis URL has no path of a socket: unix:///run/redis.sock would be one."};
  }
  if (path.size() > kMaxUnixPathBytes) {
    throw Fault{"The Redis URL has a path of over 107 bytes, which no Unix socket can have."};
  }
  return {std::string(path), 0};
}

int parse_database(std::string_view text) {
  const auto database = parse_number<int>(text);
  if (!database) throw Fault{"The Redis URL has a database that is no number."};
  return *database;
}

int parse_query(std::string_view query) {
  constexpr std::string_view kKey = "db=";
  if (!query.starts_with(kKey)) throw Fault{"The Redis URL has a query other than ?db=NUMBER."};
  return parse_database(query.substr(kKey.size()));
}

/// The path means something else for each kind.
void read_path(std::string_view path, RedisUrl& url) {
  switch (url.kind) {
    case RedisUrl::Kind::single:
      if (!path.empty()) url.database = parse_database(path);
      break;
    case RedisUrl::Kind::sentinel:
      if (path.empty()) {
        throw Fault{"The Redis URL has no name of a master: redis-sentinel://HOST/NAME."};
      }
      if (path.find('/') != std::string_view::npos) {
        throw Fault{"The Redis URL has a master's name with a slash."};
      }
      url.master_name = path;
      break;
    case RedisUrl::Kind::cluster:
      if (!path.empty()) throw Fault{"The Redis URL has a path, which a cluster has not."};
      break;
  }
}

void read_tcp(std::string_view text, const Scheme& scheme, RedisUrl& url) {
  const auto query = cut_at(text, '?');
  const auto path = cut_at(text, '/');
  url.hosts = parse_hosts(text, scheme.port);
  if (url.kind == RedisUrl::Kind::single && url.hosts.size() > 1) {
    throw Fault{
        "The Redis URL has several hosts: redis-sentinel:// and redis-cluster:// take them."};
  }
  read_path(path.value_or(""), url);
  if (!query) return;
  if (url.kind != RedisUrl::Kind::sentinel) {
    throw Fault{"The Redis URL has a query, which only unix:// and redis-sentinel:// take."};
  }
  url.database = parse_query(*query);
}

void read_unix(std::string_view text, RedisUrl& url) {
  if (const auto query = cut_at(text, '?')) url.database = parse_query(*query);
  url.hosts = {parse_path(text)};
}

RedisUrl read(std::string_view text) {
  if (std::ranges::any_of(text, is_control)) {
    throw Fault{"The Redis URL has a control character."};
  }
  const auto* const scheme = std::ranges::find_if(
      kSchemes, [text](const Scheme& known) { return text.starts_with(known.prefix); });
  if (scheme == kSchemes.end()) {
    throw Fault{
        "The Redis URL begins with none of redis://, rediss://, unix://, "
        "redis-sentinel:// and redis-cluster://."};
  }
  text.remove_prefix(scheme->prefix.size());
  RedisUrl url;
  url.kind = scheme->kind;
  url.tls = scheme->tls;
  read_credentials(text, url);
  if (scheme->port == 0) {
    read_unix(text, url);
  } else {
    read_tcp(text, *scheme, url);
  }
  return url;
}

}  // namespace

std::string Host::text() const {
  if (port == 0) return name;
  const bool brackets = name.find(':') != std::string::npos;
  std::string text = brackets ? '[' + name + ']' : name;
  return text.append(":").append(std::to_string(port));
}

std::optional<RedisUrl> parse_redis_url(std::string_view url, std::string& fault) {
  try {
    return read(url);
  } catch (const Fault& found) {
    fault = found.sentence;
    return std::nullopt;
  }
}

}  // namespace wscast::redis
