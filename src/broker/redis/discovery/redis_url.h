#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::redis {

/// Where a Redis or a Sentinel listens.
struct Host {
  std::string name;  ///< A host name or IP address, without brackets; a path for Unix sockets.
  std::uint16_t port = 0;  ///< 0: `name` is a path.

  /// `name:port`, `[v6]:port` or the path, for messages.
  std::string text() const;
  friend bool operator==(const Host&, const Host&) = default;
};

/// A parsed RedisOptions::url.
struct RedisUrl {
  enum class Kind : std::uint8_t { single, sentinel, cluster };

  Kind kind = Kind::single;
  bool tls = false;
  std::vector<Host> hosts;  ///< One Redis; the Sentinels; or some nodes of the cluster.
  std::string user;         ///< Empty: the default one.
  std::string password;     ///< Empty: none.
  int database = 0;
  std::string master_name;  ///< Only with `sentinel`.

  bool has_credentials() const { return !user.empty() || !password.empty(); }
};

/// Parses RedisOptions::url. Returns nothing when it has none of its forms; then `fault` is a
/// sentence that says why, without the password.
std::optional<RedisUrl> parse_redis_url(std::string_view url, std::string& fault);

}  // namespace wscast::redis
