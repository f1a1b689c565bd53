#pragma once

#include <memory>

#include "wscast/hooks.h"

#include "webhook/webhook_events.h"

namespace wscast::program {

/// Makes the connected and disconnected hooks send their events. A client that never authenticated
/// has no event.
void send_connection_events(Hooks& hooks, const std::shared_ptr<WebhookEvents>& events);

}  // namespace wscast::program
