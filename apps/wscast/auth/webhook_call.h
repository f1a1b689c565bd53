#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "auth/webhook_auth_options.h"
#include "http_client/http_client.h"

namespace wscast::program {

/// Asks a webhook that decides: POSTs signed JSON and reads the response, behind a circuit breaker,
/// which is logged when it opens and when it closes. Any thread.
class WebhookCall {
 public:
  /// Reads a response and reports the decision. Returns what is wrong with the response, which then
  /// counts as a failure of the webhook, in a few words; empty if nothing is, and then it has
  /// reported.
  using Read = std::function<std::string(const HttpResponse& response)>;

  /// Receives why there is no decision, one sentence.
  using Failed = std::function<void(const std::string& why)>;

  /// `what` names the webhook in the log. `client` must outlive this. Throws std::invalid_argument
  /// that names everything wrong with the options.
  WebhookCall(HttpClient& client, std::string what, const WebhookAuthOptions& options);
  ~WebhookCall();

  /// Calls one of the two, once, on the thread of the client or during this call; also later than
  /// the end of this object.
  void post(std::string body, Read read, Failed failed);

  /// Calls without a decision, those that the breaker refused included.
  std::uint64_t failures() const;

 private:
  struct State;
  HttpClient& client_;
  std::shared_ptr<State> state_;
};

}  // namespace wscast::program
