#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::redis {

/// One address of a Redis or a Sentinel.
struct Host {
  std::string name;  ///< A host name or IP address, without brackets; a path for Unix sockets.
  std::uint16_t port = 0;  ///< 0: `name` is a path.

  /// `name:port`, `[v6]:port` or the path, as it stands in messages.
  std::string text() const;
  friend bool operator==(const Host&, const Host&) = default;
};

/// A RedisOptions::url, read.
struct RedisUrl {
  enum class Kind : std::uint8_t { single, sentinel, cluster };

  Kind kind = Kind::single;
  bool tls = false;
  std::vector<Host> hosts;  ///< One of `single`; the Sentinels; some nodes of the cluster.
  std::string user;         ///< Empty: the default one.
  std::string password;     ///< Empty: none.
  int database = 0;
  std::string master_name;  ///< Of `sentinel`.
};

/// Nothing when it is none of the forms of RedisOptions::url; then `fault` says what is wrong with
/// it, without the password.
std::optional<RedisUrl> parse_redis_url(std::string_view url, std::string& fault);

}  // namespace wscast::redis
