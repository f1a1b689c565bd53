#include "auth/webhook_authentication.h"

#include <memory>
#include <string>
#include <utility>

#include "auth/webhook_answer.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

std::string body_of(const AuthenticateRequest& request) {
  JsonObjectWriter writer;
  writer.text("clientId", request.client_id);
  if (request.socket != nullptr) {
    writer.optional_text("remoteAddress", request.socket->remote_address());
  }
  return writer.raw("data", request.data).finish();
}

/// Returns what is wrong with the response; empty if it decides, and then calls `done`.
std::string decide(const HttpResponse& response, const AuthMethod::Done& done) {
  if (response.status == 401 || response.status == 403) {
    done(std::nullopt);
    return "";
  }
  if (response.status != 200) return "status " + std::to_string(response.status);
  auto answer = read_webhook_grant(response.body);
  if (const auto* fault = std::get_if<WebhookFault>(&answer)) return fault->what;
  done(std::get<Grant>(std::move(answer)));
  return "";
}

}  // namespace

WebhookAuthentication::WebhookAuthentication(HttpClient& client, const WebhookAuthOptions& options)
    : call_(client, "authentication webhook", options) {}

void WebhookAuthentication::authenticate(const AuthenticateRequest& request, Done done) {
  const auto shared = std::make_shared<const Done>(std::move(done));
  call_.post(
      body_of(request),
      [shared](const HttpResponse& response) { return decide(response, *shared); },
      [shared](const std::string& why) { (*shared)(AuthFailed{why}); });
}

}  // namespace wscast::program
