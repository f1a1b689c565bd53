#pragma once

#include <cstdint>

#include "auth/auth_method.h"
#include "auth/webhook_call.h"

namespace wscast::program {

/// Lets the team's backend decide who a client is: POSTs
/// `{"clientId","remoteAddress","data":<the data of authenticate>}`. Status 200 with what
/// read_webhook_grant() reads accepts, 401 and 403 reject; anything else is a failure.
class WebhookAuthentication final : public AuthMethod {
 public:
  /// `client` must outlive this. Throws std::invalid_argument that names everything wrong with the
  /// options.
  WebhookAuthentication(HttpClient& client, const WebhookAuthOptions& options);

  void authenticate(const AuthenticateRequest& request, Done done) override;

  /// Clients that could not be decided on.
  std::uint64_t failures() const { return call_.failures(); }

 private:
  WebhookCall call_;
};

}  // namespace wscast::program
