#include "protocol/channel.h"

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

std::string server_channel(std::string_view server_id) {
  return std::string("ws:server:").append(server_id);
}

std::string probe_channel(std::string_view server_id) {
  return std::string("ws:probe:").append(server_id);
}

}  // namespace wscast::protocol
