#include <algorithm>
#include <stdexcept>
#include <string_view>

#include "api/origin.h"
#include "config/serve_options.h"
#include "console.h"

namespace wscast::program {
namespace {

using Faults = std::vector<std::string>;

bool any_starts_with(const ServeArguments& arguments, std::string_view start) {
  const auto starts = [start](const std::string& endpoint) { return endpoint.starts_with(start); };
  return std::ranges::any_of(arguments.endpoints, starts) ||
         std::ranges::any_of(arguments.tls_endpoints, starts);
}

void check_jwt(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  const JwtOptions& jwt = arguments.jwt;
  const bool has_claims = !jwt.issuers.empty() || !jwt.audiences.empty();
  const bool wanted = has_claims || arguments.auth_mode == "jwt";
  if (wanted && !arguments.has_jwt_keys()) {
    faults.push_back((has_claims ? name("auth.jwt.issuers") + " and " + name("auth.jwt.audiences")
                                 : name("auth.mode") + " jwt") +
                     " need a key: " + name("auth.jwt.secret_file") + ", " +
                     name("auth.jwt.key_files") + " or " + name("auth.jwt.jwks_file"));
  }
  if (!arguments.jwt_secret.empty() && !arguments.jwt_keys.secret.empty()) {
    faults.push_back("auth.jwt.secret and " + name("auth.jwt.secret_file") + " exclude each other");
  }
  for (const auto& fault : jwt.validate()) faults.push_back("auth.jwt: " + fault);
}

/// Of a webhook that has a URL: one of the two says how requests are signed.
void check_secrets(const std::string& section, const std::string& file,
                   const std::vector<std::string>& secrets, const Naming& name, Faults& faults) {
  const std::string file_name = name(section + ".secret_file");
  if (file.empty() && secrets.empty()) {
    faults.push_back(name(section + ".url") + " needs " + file_name + " or " + section +
                     ".secrets");
  }
  if (!file.empty() && !secrets.empty()) {
    faults.push_back(section + ".secrets and " + file_name + " exclude each other");
  }
}

void check_webhooks(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  const bool asks_rooms = RoomRules(arguments.rooms).ask_webhook();
  if (arguments.auth_mode == "webhook" && arguments.auth_webhook.url.empty()) {
    faults.push_back(name("auth.mode") + " webhook needs " + name("auth.webhook.url"));
  }
  if (asks_rooms && arguments.auth_webhook_rooms_url.empty()) {
    faults.push_back("rooms whose join is \"webhook\" need " + name("auth.webhook.rooms_url"));
  }
  if (!arguments.auth_webhook.url.empty() || asks_rooms) {
    check_secrets("auth.webhook", arguments.auth_webhook_secret_file,
                  arguments.auth_webhook.secrets, name, faults);
  }
  if (!arguments.webhook.url.empty()) {
    check_secrets("webhook", arguments.webhook_secret_file, arguments.webhook.secrets, name,
                  faults);
  } else if (!arguments.webhook_secret_file.empty() || !arguments.webhook.secrets.empty()) {
    faults.push_back(name("webhook.secret_file") + " needs " + name("webhook.url"));
  }
}

void check_auth(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  if (arguments.dev && !arguments.tokens_file.empty()) {
    faults.push_back("--dev and " + name("auth.tokens_file") + " exclude each other");
  }
  const std::string mode = arguments.effective_auth_mode();
  const bool has_tokens = !arguments.tokens_file.empty();
  if (arguments.has_jwt_keys() && (arguments.dev || has_tokens)) {
    faults.emplace_back("keys of JSON Web Tokens exclude --dev and " + name("auth.tokens_file"));
  }
  if (mode.empty()) {
    faults.push_back("serve needs " + name("auth.tokens_file") + " FILE or a key such as " +
                     name("auth.jwt.key_files") +
                     " FILE, which say who may connect, or --dev to try it");
  }
  check_jwt(arguments, name, faults);
  if (mode == "tokens" && arguments.tokens_file.empty()) {
    faults.push_back(name("auth.mode") + " tokens needs " + name("auth.tokens_file"));
  }
}

void check_api(const ApiArguments& api, const Naming& name, Faults& faults) {
  if (!api.key.empty()) {
    const ApiKey key{.name = "api.key", .key = api.key, .scopes = {Scope::admin}};
    if (!key.fault().empty()) faults.push_back(key.fault());
  }
  const bool has_keys = !api.key.empty() || !api.keys.empty();
  if (api.served() && !has_keys) {
    faults.push_back(name(api.listens() ? "api.listen" : "api.main_port") + " needs " +
                     name("api.key_file") + " or [[api.keys]]");
  }
  const bool certificate = !api.certificate.empty() && !api.certificate_key.empty();
  if (!api.tls_endpoints.empty() && !certificate) {
    faults.push_back(name("api.listen_tls") + " needs " + name("api.tls_cert") + " and " +
                     name("api.tls_key"));
  }
  if (api.tls_endpoints.empty() && !(api.certificate + api.certificate_key).empty()) {
    faults.push_back(name(api.certificate.empty() ? "api.tls_key" : "api.tls_cert") + " needs " +
                     name("api.listen_tls"));
  }
  for (const std::string& origin : api.origins) {
    if (is_api_origin(origin)) continue;
    faults.push_back(name("api.origins") + ": \"" + origin +
                     "\" is no origin, such as https://admin.example");
  }
}

/// Options that apply to none of the addresses.
void check_endpoints(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  const auto needs = [&](const char* path, const char* start, const char* endpoint) {
    if (any_starts_with(arguments, start)) return;
    faults.push_back(name(path) + " needs " + name("server.listen") + " " + endpoint);
  };
  const ListenOptions& listen = arguments.listen;
  if (listen.unix_mode) needs("server.unix_mode", "unix:", "unix:PATH");
  if (!listen.unix_group.empty()) needs("server.unix_group", "unix:", "unix:PATH");
  if (!listen.ipv6_only) needs("server.dual_stack", "[", "[IPV6]:PORT");
  if (listen.proxy_protocol && arguments.options.transport.trusted_proxies.empty()) {
    faults.push_back(name("proxy.protocol") + " needs " + name("proxy.trusted"));
  }
}

void check_tls(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  const std::string given = arguments.tls.option_given();
  if (arguments.tls_endpoints.empty()) {
    if (given.empty()) return;
    faults.push_back(name(given) + " needs " + name("server.listen_tls") + " ADDRESS");
    return;
  }
  std::ranges::move(arguments.tls.faults(arguments.dev, name), std::back_inserter(faults));
}

void check_path(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  const std::string& path = arguments.options.path;
  const bool of_console = path == "/stats" || is_console_path(path);
  if (path == "/health" || path == "/ready" || (arguments.has_console() && of_console)) {
    faults.push_back(name("server.path") + ": " + path + " is the path of a page");
  }
  if (!arguments.api.main_port) return;
  for (const std::string& start : arguments.api.paths()) {
    if (path != start && !path.starts_with(start + "/")) continue;
    faults.push_back(name("server.path") + ": " + path + " is a path of the HTTP API, with " +
                     name("api.main_port"));
  }
}

void check_redis(const ServeArguments& arguments, const Naming& name, Faults& faults) {
  try {
    static_cast<void>(arguments.redis.read());
  } catch (const std::invalid_argument& error) {
    // It names the flag.
    const std::string what = error.what();
    faults.push_back(name("redis.url") + what.substr(what.find(':')));
  }
}

/// What the library finds wrong.
void check_library(const ServeArguments& arguments, Faults& faults) {
  ServerOptions options = arguments.options;
  options.broker = memory_broker();
  options.hooks.authenticate = [](const AuthenticateRequest&) { return std::optional<Identity>(); };
  std::ranges::move(options.validate(), std::back_inserter(faults));
}

}  // namespace

std::vector<std::string> serve_faults(const ServeArguments& arguments, const Naming& name,
                                      bool auth_is_known) {
  Faults faults;
  if (auth_is_known) check_auth(arguments, name, faults);
  check_webhooks(arguments, name, faults);
  check_api(arguments.api, name, faults);
  check_endpoints(arguments, name, faults);
  check_tls(arguments, name, faults);
  check_path(arguments, name, faults);
  check_redis(arguments, name, faults);
  check_library(arguments, faults);
  return faults;
}

}  // namespace wscast::program
