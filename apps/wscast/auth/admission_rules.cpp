#include "auth/admission_rules.h"

#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "auth/dev_authentication.h"
#include "auth/jwks_refresh.h"
#include "auth/jwt/jwt_authentication.h"
#include "auth/token_authentication.h"
#include "auth/tokens.h"
#include "auth/webhook_authentication.h"
#include "auth/webhook_rooms.h"
#include "config/fault.h"
#include "webhook/signature.h"

namespace wscast::program {
namespace {

using Faults = std::vector<std::string>;

void throw_if(const Faults& faults) {
  std::vector<Fault> all;
  for (const std::string& fault : faults) all.push_back({.where = {}, .what = fault});
  if (!all.empty()) throw ConfigurationError(std::move(all));
}

/// Fetches the keys of `method`, which keeps what this returns.
std::shared_ptr<JwksRefresh> refresh_keys(const JwksRefreshOptions& options, HttpClient& client,
                                          const std::shared_ptr<JwtAuthentication>& method) {
  const auto accept = [weak = std::weak_ptr(method), url = options.url](const std::string& text) {
    const auto living = weak.lock();
    return living ? living->replace_jwks({.name = url, .text = text}) : Faults{};
  };
  auto refresh = std::make_shared<JwksRefresh>(client, options, accept);
  if (!refresh->wait_for_first(options.timeout)) {
    throw std::runtime_error("auth.jwt.jwks_url: " + refresh->fault());
  }
  return refresh;
}

std::shared_ptr<AuthMethod> jwt_method(const ServeArguments& arguments, HttpClient* client) {
  Faults faults;
  JwtKeySources sources = arguments.jwt_keys.read(faults);
  if (!arguments.jwt_secret.empty()) {
    sources.secrets.push_back({.name = "auth.jwt.secret", .text = arguments.jwt_secret});
  }
  throw_if(faults);
  const bool fetches = !arguments.jwks.url.empty();
  sources.jwks_is_public = fetches;
  auto method = std::make_shared<JwtAuthentication>(arguments.jwt);
  const bool has_keys = !sources.secrets.empty() || !sources.pems.empty() || sources.jwks;
  if (has_keys || !fetches) throw_if(method->replace(arguments.jwt, std::move(sources)));
  if (!fetches) return method;
  auto refresh = refresh_keys(arguments.jwks, *client, method);
  method->on_unknown_key([refresh = std::move(refresh)] { refresh->demand([] {}); });
  return method;
}

WebhookAuthOptions webhook_options(const ServeArguments& arguments, const std::string& url) {
  WebhookAuthOptions options = arguments.auth_webhook;
  options.url = url;
  const std::string& file = arguments.auth_webhook_secret_file;
  if (!file.empty()) options.secrets = read_webhook_secrets(file);
  return options;
}

std::shared_ptr<AuthMethod> auth_method(const ServeArguments& arguments, HttpClient* client) {
  const std::string mode = arguments.effective_auth_mode();
  if (mode == "dev") return std::make_shared<DevAuthentication>();
  if (mode == "jwt") return jwt_method(arguments, client);
  if (mode == "webhook") {
    return std::make_shared<WebhookAuthentication>(
        *client, webhook_options(arguments, arguments.auth_webhook.url));
  }
  return std::make_shared<TokenAuthentication>(Tokens::read(arguments.tokens_file));
}

}  // namespace

std::shared_ptr<HttpClient> admission_client(const ServeArguments& arguments) {
  const bool needed = !arguments.auth_webhook.url.empty() || !arguments.jwks.url.empty() ||
                      RoomRules(arguments.rooms).ask_webhook();
  return needed ? std::make_shared<HttpClient>(arguments.http_client) : nullptr;
}

std::shared_ptr<const AdmissionRules> admission_rules(const ServeArguments& arguments,
                                                      std::shared_ptr<HttpClient> client) {
  AdmissionRules rules{.client = client,
                       .method = auth_method(arguments, client.get()),
                       .dev = arguments.effective_auth_mode() == "dev",
                       .rooms = RoomRules(arguments.rooms)};
  if (rules.rooms.ask_webhook()) {
    rules.room_webhook = std::make_shared<WebhookRooms>(
        *client, webhook_options(arguments, arguments.auth_webhook_rooms_url));
  }
  return std::make_shared<const AdmissionRules>(std::move(rules));
}

}  // namespace wscast::program
