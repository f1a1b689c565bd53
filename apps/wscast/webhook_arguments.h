#pragma once

#include <memory>

#include "serve_arguments.h"
#include "webhook/webhook_events.h"

namespace wscast::program {

/// The options of the events, with secrets from their file. Throws std::runtime_error that says
/// what is wrong with the file.
WebhookOptions webhook_options(const ServeArguments& arguments);

/// Null if no events are sent. Throws std::invalid_argument that names everything wrong.
std::shared_ptr<WebhookEvents> webhook_events(const ServeArguments& arguments);

}  // namespace wscast::program
