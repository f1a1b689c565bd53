#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "wscast/drain_options.h"
#include "wscast/listen_options.h"
#include "wscast/server_options.h"

#include "api/api_key.h"
#include "api/http_server.h"
#include "auth/jwks_schedule.h"
#include "auth/jwt/jwt_key_files.h"
#include "auth/jwt/jwt_options.h"
#include "auth/revocation.h"
#include "auth/webhook_auth_options.h"
#include "config/tls_arguments.h"
#include "http_client/http_client.h"
#include "redis_flags.h"
#include "rooms/room_rules.h"
#include "webhook/webhook_options.h"

namespace wscast::program {

/// Where `serve` listens without --listen.
inline constexpr const char* kDefaultEndpoint = "127.0.0.1:8080";

/// The HTTP API.
struct ApiArguments {
  std::vector<std::string> endpoints;      ///< None here nor in the next two: no API.
  std::vector<std::string> tls_endpoints;  ///< With TLS.
  bool main_port = false;                  ///< Where clients connect, too.
  std::string certificate;                 ///< The files for these.
  std::string certificate_key;
  std::string key;           ///< One with all scopes; empty: none.
  std::vector<ApiKey> keys;  ///< Beside that one.
  HttpServerLimits limits;
  bool admin = true;                 ///< Serve the admin page, too.
  std::vector<std::string> origins;  ///< Whose pages may make calls, beside its own.

  bool listens() const { return !endpoints.empty() || !tls_endpoints.empty(); }

  /// Whether there is an API.
  bool served() const { return listens() || main_port; }

  /// Where the main port has it: at these paths and below.
  std::vector<std::string> paths() const {
    std::vector<std::string> all{"/api", "/metrics"};
    if (admin) all.emplace_back("/admin");
    return all;
  }

  std::vector<ApiKey> all_keys() const {
    std::vector<ApiKey> all = keys;
    const std::vector scopes{Scope::publish, Scope::read, Scope::admin};
    if (!key.empty()) all.push_back({.name = "api.key", .key = key, .scopes = scopes});
    return all;
  }
};

/// What `wscast serve` is started with.
struct ServeArguments {
  /// The library's options, with the program's defaults; hooks and broker are still missing.
  ServerOptions options;

  RedisArguments redis;  ///< Without a URL: a single server.
  std::vector<std::string> endpoints;
  ListenOptions listen;  ///< For all endpoints; without `tls`.
  std::vector<std::string> tls_endpoints;
  TlsArguments tls;
  std::string auth_mode;    ///< Empty: see effective_auth_mode().
  std::string tokens_file;  ///< Empty: no file.
  std::string jwt_secret;   ///< Empty: none, or in a file.
  JwtKeyFiles jwt_keys;
  JwtOptions jwt;
  JwksRefreshOptions jwks;  ///< Without a URL: none is fetched.

  WebhookAuthOptions auth_webhook;       ///< Without a URL: none decides who a client is.
  std::string auth_webhook_rooms_url;    ///< Empty: none decides about rooms.
  std::string auth_webhook_secret_file;  ///< Empty: the secrets stand in the options.
  HttpClientOptions http_client;         ///< Of these webhooks and of `jwks`.

  WebhookOptions webhook;           ///< Without a URL: no events are sent.
  std::string webhook_secret_file;  ///< Empty: the secrets stand in the options.
  ApiArguments api;
  std::vector<RoomRule> rooms;
  std::vector<Revocation> revoked;
  std::size_t room_publish_rate = 0;  ///< 0: no limit.
  DrainOptions drain;                 ///< For SIGTERM.
  bool dev = false;
  bool console = false;
  std::string encryption = "off";
  std::string io = "auto";
  std::string log_level = "info";
  std::string log_format = "text";

  bool has_console() const { return dev || console; }

  /// How clients authenticate, as the mode or else the other options say; empty if nothing does.
  std::string effective_auth_mode() const {
    if (dev) return "dev";
    if (!auth_mode.empty()) return auth_mode;
    if (has_jwt_keys()) return "jwt";
    if (!auth_webhook.url.empty()) return "webhook";
    return tokens_file.empty() ? "" : "tokens";
  }

  bool has_jwt_keys() const {
    return !jwt_secret.empty() || !jwt_keys.empty() || !jwks.url.empty();
  }
};

}  // namespace wscast::program
