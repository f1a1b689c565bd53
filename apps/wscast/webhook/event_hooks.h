#pragma once

#include <memory>

#include "wscast/hooks.h"

#include "webhook/webhook_events.h"

namespace wscast::program {

/// Makes the hooks send their events, all but that of messages. A client that never authenticated
/// has no event.
void send_events(Hooks& hooks, const std::shared_ptr<WebhookEvents>& events);

}  // namespace wscast::program
