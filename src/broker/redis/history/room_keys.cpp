#include "broker/redis/history/room_keys.h"

#include "protocol/channel.h"

namespace wscast::redis {
namespace {

/// `{room}`, without other braces, so that Redis hashes the room alone. An empty pair would not
/// count, but no room has an empty name.
std::string hash_tag(std::string_view room) {
  std::string tag = "{";
  for (const char c : room) {
    if (c == '%') {
      tag += "%25";
    } else if (c == '{') {
      tag += "%7B";
    } else if (c == '}') {
      tag += "%7D";
    } else {
      tag += c;
    }
  }
  return tag + '}';
}

}  // namespace

RoomKeys room_keys(std::string_view prefix, std::string_view room) {
  const std::string begin(prefix);
  const std::string tag = hash_tag(room);
  return {.position = begin + "ws:position:" + tag,
          .stream = begin + "ws:history:" + tag,
          .once = begin + "ws:once:" + tag + ":",
          .channel = begin + protocol::room_channel(room)};
}

}  // namespace wscast::redis
