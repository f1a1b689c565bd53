#include "protocol/channel.h"

#include <array>
#include <utility>

namespace wscast::protocol {

std::string room_channel(std::string_view room) {
  return channels::for_room(room);
}

std::string client_channel(std::string_view client_id) {
  return channels::for_client(client_id);
}

std::string user_channel(std::string_view user_id) {
  return channels::for_user(user_id);
}

std::string channel_of(BackplaneTarget type, std::string_view target) {
  switch (type) {
    case BackplaneTarget::client:
      return client_channel(target);
    case BackplaneTarget::user:
      return user_channel(target);
    case BackplaneTarget::room:
      return room_channel(target);
    case BackplaneTarget::server:
      return server_channel(target);
    case BackplaneTarget::broadcast:
      break;
  }
  return std::string(kBroadcastChannel);
}

std::optional<ChannelTarget> target_of(std::string_view channel) {
  if (channel == kBroadcastChannel) return ChannelTarget{BackplaneTarget::broadcast, {}};
  constexpr std::array kPrefixes{std::pair{channels::room_prefix, BackplaneTarget::room},
                                 std::pair{channels::client_prefix, BackplaneTarget::client},
                                 std::pair{channels::user_prefix, BackplaneTarget::user}};
  for (const auto& [prefix, type] : kPrefixes) {
    if (channel.starts_with(prefix)) return ChannelTarget{type, channel.substr(prefix.size())};
  }
  return std::nullopt;
}

std::string server_channel(std::string_view server_id) {
  return std::string("ws:server:").append(server_id);
}

std::string probe_channel(std::string_view server_id) {
  return std::string("ws:probe:").append(server_id);
}

}  // namespace wscast::protocol
