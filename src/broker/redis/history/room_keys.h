#pragma once

#include <string>
#include <string_view>

namespace wscast::redis {

/// The names that the history of a room has in Redis (protocol.md H9). The keys share a slot.
struct RoomKeys {
  std::string position;
  std::string stream;
  std::string once;     ///< An idempotency key is appended.
  std::string channel;  ///< Of Pub/Sub.
};

/// `prefix`: RedisOptions::prefix.
RoomKeys room_keys(std::string_view prefix, std::string_view room);

}  // namespace wscast::redis
