#include "webhook_arguments.h"

#include <stdexcept>
#include <string>

#include "webhook/signature.h"

namespace wscast::program {

WebhookOptions webhook_options(const ServeArguments& arguments) {
  WebhookOptions options = arguments.webhook;
  if (!arguments.webhook_secret_file.empty()) {
    options.secrets = read_webhook_secrets(arguments.webhook_secret_file);
  }
  return options;
}

std::shared_ptr<WebhookEvents> webhook_events(const ServeArguments& arguments) {
  if (arguments.webhook.url.empty()) return nullptr;
  try {
    return std::make_shared<WebhookEvents>(webhook_options(arguments));
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(std::string("--webhook-") + error.what());
  }
}

}  // namespace wscast::program
