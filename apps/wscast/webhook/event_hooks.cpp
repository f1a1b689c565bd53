#include "webhook/event_hooks.h"

#include <string>

namespace wscast::program {

void send_events(Hooks& hooks, const std::shared_ptr<WebhookEvents>& events) {
  hooks.connected = [events](const ClientEvent& client) {
    const std::string address = client.socket != nullptr ? client.socket->remote_address() : "";
    events->connected(client.client_id, client.user_id, address);
  };
  hooks.disconnected = [events](const ClientEvent& client) {
    if (!client.user_id.empty()) events->disconnected(client.client_id, client.user_id);
  };
  hooks.joined = [events](const MembershipEvent& client) {
    events->joined(client.client_id, client.user_id, client.room);
  };
  hooks.left = [events](const MembershipEvent& client) {
    events->left(client.client_id, client.user_id, client.room);
  };
  hooks.room_occupied = [events](const RoomEvent& event) { events->room_occupied(event.room); };
  hooks.room_vacated = [events](const RoomEvent& event) { events->room_vacated(event.room); };
}

}  // namespace wscast::program
