#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/redis.h"

namespace wscast::program {

/// What a Redis says of itself, and lets its user do.
struct RedisFacts {
  std::string failure{};  ///< Why it was not reached; empty: it was. Nothing else is known then.
  std::string peer{};     ///< Who was reached, such as `127.0.0.1:6379`.

  /// Of INFO; empty when the user may not ask.
  std::map<std::string, std::string, std::less<>> info{};

  /// Of CONFIG GET; the same.
  std::map<std::string, std::string, std::less<>> settings{};

  std::string cluster_state{};  ///< Of CLUSTER INFO, such as `ok`; empty: not asked, or refused.
  std::optional<std::chrono::milliseconds> clock_ahead{};  ///< By how much it is before ours.

  /// What Redis said to what the server needs, by the command, or by what it is for; empty: it may.
  std::map<std::string, std::string, std::less<>> refusals{};
};

/// What RedisFacts::refusals has beside commands.
namespace rights {
inline constexpr std::string_view kServers = "ws:server:*";  ///< Servers find each other.
inline constexpr std::string_view kStore = "ws:store:*";     ///< They share texts.
inline constexpr std::string_view kHistory = "history";      ///< Rooms have a history.
}  // namespace rights

/// Asks the Redis of the options, within some seconds. It publishes messages to channels that
/// nobody has subscribed to, writes keys and deletes them, and subscribes for a moment. `history`:
/// whether there are rooms with a history.
RedisFacts read_redis_facts(const RedisOptions& options, bool history);

}  // namespace wscast::program
