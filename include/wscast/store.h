#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

/// Short texts that all servers of a broker share, for a time: what must be known on each of them
/// whoever did it, such as that a request was made already.
namespace wscast {

/// What became of a text.
enum class StoreStatus : std::uint8_t {
  stored,
  present,      ///< The key has a text already, which stays: StoreResult::value.
  unavailable,  ///< The broker keeps nothing (a memory_broker(), a Redis Cluster), or is away.
};

/// The result of Server::store().
struct StoreResult {
  StoreStatus status = StoreStatus::unavailable;
  std::string value{};  ///< With `present`.
};

/// Arguments of Server::store(). The views must be valid during the call only.
struct Store {
  std::string_view key{};                  ///< 1 to 1,024 bytes of UTF-8.
  std::string_view value{};                ///< At most the broker's `max_publish_bytes`.
  std::chrono::milliseconds ttl{300'000};  ///< How long it is kept: 1 ms to 1 day.
  bool replace = false;                    ///< Also if the key has a text.

  /// Receives the result, once, on a shard thread, later and never inside the call. Required.
  std::function<void(const StoreResult&)> on_result{};
};

}  // namespace wscast
