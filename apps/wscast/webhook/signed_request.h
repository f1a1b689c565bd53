#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "http_client/http_message.h"
#include "webhook/signature.h"

namespace wscast::program {

/// Makes the POST of a JSON text to a webhook, signed at `now`. The same `id` must be given for
/// each attempt to deliver the same body.
HttpRequest signed_request(const std::string& url, const WebhookSigner& signer,
                           const std::string& id, std::string body,
                           std::chrono::system_clock::time_point now);

/// Makes ids that no other object and no other start of the program makes: `PREFIX_RANDOM_1`,
/// `PREFIX_RANDOM_2`, ... Any thread.
class WebhookIds {
 public:
  explicit WebhookIds(std::string_view prefix);
  std::string next();

 private:
  std::string start_;
  std::atomic<std::uint64_t> last_{0};
};

}  // namespace wscast::program
