#include "webhook/event_hooks.h"

#include <string>

namespace wscast::program {

void send_connection_events(Hooks& hooks, const std::shared_ptr<WebhookEvents>& events) {
  hooks.connected = [events](const ClientEvent& client) {
    const std::string address = client.socket != nullptr ? client.socket->remote_address() : "";
    events->connected(client.client_id, client.user_id, address);
  };
  hooks.disconnected = [events](const ClientEvent& client) {
    if (!client.user_id.empty()) events->disconnected(client.client_id, client.user_id);
  };
}

}  // namespace wscast::program
