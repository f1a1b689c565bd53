#include <utility>

#include "config/serve_options.h"

// Who may connect, and what is asked and sent to the team's backend.
namespace wscast::program {
namespace {

Value revocations_value(std::vector<Revocation>& into) {
  const auto read = [&into](const std::vector<std::string>& texts) {
    std::vector<Revocation> revocations;
    for (const auto& text : texts) revocations.push_back(Revocation::parse(text));
    into = std::move(revocations);
  };
  const auto write = [&into] {
    std::vector<std::string> texts;
    for (const auto& revocation : into) texts.push_back(revocation.text());
    return texts;
  };
  return {.kind = Value::Kind::list, .type = "USER,...", .read = read, .write = write};
}

void describe_auth(OptionTable& table, ServeArguments& arguments) {
  table.begin("auth", "Who may connect");
  table.add({.name = "dev",
             .value = boolean_value(arguments.dev),
             .help = "For trying out: any non-empty token authenticates, every room is allowed, "
                     "and the console is served at /"});
  table.add({.name = "mode",
             .value = choice_value(arguments.auth_mode, {"dev", "tokens", "jwt", "webhook"}),
             .help = "How clients authenticate; none: as the other options say",
             .flag = "--auth-mode",
             .reloadable = true});
  table.add({.name = "tokens_file",
             .value = text_value(arguments.tokens_file, "FILE"),
             .help = "JSON file of the tokens that authenticate, their users, metadata and rooms",
             .flag = "--tokens",
             .reloadable = true});
  table.add({.name = "revoked",
             .value = revocations_value(arguments.revoked),
             .help = "Users who are disconnected and refused, for good or until a time (UTC): "
                     "\"alice\", or \"alice until 2026-12-31T18:00:00Z\"",
             .flag = "--revoked",
             .reloadable = true});
  // An empty variable in a start script must not allow every origin.
  table.add({.name = "allowed_origins",
             .value = list_value(arguments.options.allowed_origins, "A,B,...", EmptyText::kept),
             .help = "Origins whose pages may connect, such as https://example.com; none: any",
             .flag = "--allow-origin",
             .reloadable = true});
  table.add({.name = "encryption",
             .value = choice_value(arguments.encryption, {"off", "optional", "required"}),
             .help = "Which clients are encrypted, each with its own keys: with optional those "
                     "that send a publicKey when they authenticate"});
}

void describe_jwt(OptionTable& table, ServeArguments& arguments) {
  JwtOptions& jwt = arguments.jwt;
  table.begin("auth.jwt", "JSON Web Tokens");
  table.add({.name = "secret",
             .value = text_value(arguments.jwt_secret, "SECRET"),
             .help = "Secret of tokens by HMAC (HS256, HS384, HS512), of at least 32 bytes",
             .flag = "-",
             .reloadable = true,
             .secret = true});
  table.add({.name = "secret_file",
             .value = text_value(arguments.jwt_keys.secret, "FILE"),
             .help = "File with secret, instead; a line feed at its end does not count",
             .flag = "--jwt-secret-file",
             .reloadable = true});
  table.add({.name = "key_files",
             .value = list_value(arguments.jwt_keys.pems, "FILE", EmptyText::kept),
             .help = "PEM file of a public key or certificate (RS256, RS384, RS512, PS256, ES256, "
                     "ES384); may be given several times",
             .flag = "--jwt-key-file",
             .separated = false,
             .reloadable = true});
  table.add({.name = "jwks_file",
             .value = text_value(arguments.jwt_keys.jwks, "FILE"),
             .help = "JSON Web Key Set. All key files are read again on SIGHUP",
             .flag = "--jwt-jwks-file",
             .reloadable = true});
  table.add({.name = "jwks_url",
             .value = text_value(arguments.jwks.url, "URL"),
             .help = "Where the JSON Web Key Set is fetched from, instead of jwks_file",
             .flag = "--jwt-jwks-url",
             .reloadable = true});
  table.add({.name = "jwks_refresh",
             .value = duration_value(arguments.jwks.refresh, kPositive),
             .help = "How often it is fetched; beside that for a key that is missing",
             .flag = "--jwt-jwks-refresh",
             .reloadable = true});
  const auto list = [&table](const char* name, std::vector<std::string>& into, const char* help,
                             const char* flag) {
    table.add({.name = name,
               .value = list_value(into, "A,B,..."),
               .help = help,
               .flag = flag,
               .reloadable = true});
  };
  list("issuers", jwt.issuers, "What iss must be one of; none: anything", "--jwt-issuer");
  list("audiences", jwt.audiences, "What aud must have one of; none: anything", "--jwt-audience");
  list("algorithms", jwt.algorithms, "Algorithms to accept; none: all that a key is good for",
       "--jwt-algorithm");
  table.add({.name = "leeway",
             .value = seconds_value(jwt.leeway),
             .help = "By how much the clocks of issuer and server may differ, at most 5m",
             .flag = "--jwt-leeway",
             .reloadable = true});
  const auto claim = [&table](const char* name, std::string& into, const char* help,
                              const char* flag) {
    table.add({.name = name,
               .value = text_value(into, "CLAIM"),
               .help = help,
               .flag = flag,
               .reloadable = true});
  };
  claim("user_claim", jwt.user_claim, "Claim that names the user", "--jwt-user-claim");
  claim("rooms_claim", jwt.rooms_claim, "Claim with the rooms of the user", "--jwt-rooms-claim");
  claim("metadata_claim", jwt.metadata_claim,
        "Claim with the metadata, an object; none: all claims without a meaning of their own",
        "--jwt-metadata-claim");
  table.add({.name = "require_expiry",
             .value = boolean_value(jwt.require_expiry),
             .help = "The default: reject tokens without exp, which are good for ever",
             .flag = "--jwt-require-expiry",
             .off_flag = "--no-jwt-require-expiry",
             .reloadable = true});
}

void describe_auth_webhook(OptionTable& table, ServeArguments& arguments) {
  WebhookAuthOptions& webhook = arguments.auth_webhook;
  table.begin("auth.webhook", "Authentication by webhook");
  table.add({.name = "url",
             .value = text_value(webhook.url, "URL"),
             .help = "Where to POST what a client authenticates with, to learn who it is",
             .flag = "--auth-webhook-url",
             .reloadable = true});
  table.add({.name = "rooms_url",
             .value = text_value(arguments.auth_webhook_rooms_url, "URL"),
             .help = "Where to POST which rooms a client wants to join, by rules of rooms whose "
                     "join is \"webhook\"",
             .flag = "--auth-webhook-rooms-url",
             .reloadable = true});
  table.add({.name = "secrets",
             .value = list_value(webhook.secrets, "SECRET,..."),
             .help = "Secret that signs the requests, whsec_...; two while it is exchanged, the "
                     "new one first",
             .flag = "-",
             .reloadable = true,
             .secret = true});
  table.add({.name = "secret_file",
             .value = text_value(arguments.auth_webhook_secret_file, "FILE"),
             .help = "File of secrets, one in a line, instead",
             .flag = "--auth-webhook-secret-file",
             .reloadable = true});
  table.add({.name = "timeout",
             .value = duration_value(webhook.timeout, kPositive),
             .help = "Of one request, waiting included",
             .flag = "--auth-webhook-timeout",
             .reloadable = true});
  table.add({.name = "max_under_way",
             .value = count_value(arguments.http_client.max_under_way, kPositive),
             .help = "Requests at once; others wait",
             .flag = "--auth-webhook-max-under-way"});
  table.add({.name = "ca_file",
             .value = text_value(arguments.http_client.ca_file, "FILE"),
             .help = "The CA that signs its certificate (PEM), also that of jwks_url; none: those "
                     "that the system trusts",
             .flag = "--auth-webhook-ca-file"});
  table.add({.name = "breaker_failures",
             .value = count_value(webhook.breaker.failures, kPositive),
             .help = "After so many failures in a row it is spared",
             .flag = "--auth-webhook-breaker-failures",
             .reloadable = true});
  table.add({.name = "breaker_open_for",
             .value = duration_value(webhook.breaker.open_for, kPositive),
             .help = "for so long; then one request tries it",
             .flag = "--auth-webhook-breaker-open-for",
             .reloadable = true});
}

void describe_webhook(OptionTable& table, ServeArguments& arguments) {
  WebhookOptions& webhook = arguments.webhook;
  table.begin("webhook", "Events to the backend");
  const auto add = [&table](const char* name, Value value, const char* help, const char* flag) {
    table.add(
        {.name = name, .value = std::move(value), .help = help, .flag = flag, .reloadable = true});
  };
  add("url", text_value(webhook.url, "URL"),
      "Where to POST what happens to clients, signed by the scheme of Standard Webhooks",
      "--webhook-url");
  table.add(
      {.name = "secrets",
       .value = list_value(webhook.secrets, "SECRET,..."),
       .help = "Secret that signs it, whsec_...; two while it is exchanged, the new one first",
       .flag = "-",
       .reloadable = true,
       .secret = true});
  add("secret_file", text_value(arguments.webhook_secret_file, "FILE"),
      "File of secrets, one in a line, instead", "--webhook-secret-file");
  add("ca_file", text_value(webhook.ca_file, "FILE"),
      "The CA that signs its certificate (PEM); none: those that the system trusts",
      "--webhook-ca-file");
  add("types", list_value(webhook.types, "A,B,..."), "The events that are sent", "--webhook-types");
  add("max_batch_events", count_value(webhook.max_batch_events, kPositive), "Events in one request",
      "--webhook-max-batch-events");
  add("max_batch_bytes", size_value(webhook.max_batch_bytes, kPositive),
      "Their bytes; a longer event is sent alone", "--webhook-max-batch-bytes");
  add("max_delay", duration_value(webhook.max_delay), "How long an event waits for others",
      "--webhook-max-delay");
  add("max_queue_events", count_value(webhook.max_queue_events, kPositive),
      "Events that may wait; beyond it the oldest are lost", "--webhook-max-queue-events");
  add("max_queue_bytes", size_value(webhook.max_queue_bytes, kPositive), "Their bytes",
      "--webhook-max-queue-bytes");
  add("timeout", duration_value(webhook.timeout, kPositive), "Of one request", "--webhook-timeout");
  add("first_retry", duration_value(webhook.first_retry, kPositive),
      "The pause after a first failure; it doubles with each", "--webhook-first-retry");
  add("longest_retry", duration_value(webhook.longest_retry, kPositive), "up to this",
      "--webhook-longest-retry");
  add("max_age", duration_value(webhook.max_age, kPositive), "Older events are lost",
      "--webhook-max-age");
  add("drain_time", duration_value(webhook.drain_time),
      "How long to send the rest at the end of the server", "--webhook-drain-time");
}

void describe_api(OptionTable& table, ApiArguments& api) {
  table.begin("api", "HTTP API");
  table.add({.name = "listen",
             .value = list_value(api.endpoints, "ADDRESS", EmptyText::kept),
             .help = "Address to serve the HTTP API and /metrics at, HOST:PORT or [IPV6]:PORT; may "
                     "be given several times. Without TLS: keep it private",
             .flag = "--api-listen",
             .separated = false});
  table.add({.name = "listen_tls",
             .value = list_value(api.tls_endpoints, "ADDRESS", EmptyText::kept),
             .help = "The same with TLS; needs tls_cert and tls_key",
             .flag = "--api-listen-tls",
             .separated = false});
  table.add({.name = "main_port",
             .value = boolean_value(api.main_port),
             .help = "Serve the HTTP API, /metrics and the admin page where clients connect, too. "
                     "Off: these paths get 404 there",
             .flag = "--api-main-port"});
  table.add({.name = "tls_cert",
             .value = text_value(api.certificate, "FILE"),
             .help = "Certificate of the API with its chain, PEM. SIGHUP reads it again",
             .flag = "--api-tls-cert"});
  table.add({.name = "tls_key",
             .value = text_value(api.certificate_key, "FILE"),
             .help = "Its private key, PEM",
             .flag = "--api-tls-key"});
  table.add_secret({.name = "key",
                    .value = text_value(api.key, "KEY"),
                    .help = "A key with all scopes, of at least 16 characters. For keys with fewer "
                            "scopes write [[api.keys]]",
                    .flag = "-",
                    .reloadable = true},
                   api.key);
  table.add({.name = "max_connections",
             .value = count_value(api.limits.max_connections, kPositive),
             .help = "Connections to the API",
             .flag = "--api-max-connections"});
  table.add({.name = "max_body_bytes",
             .value = size_value(api.limits.max_body_bytes, kPositive),
             .help = "The longest body of a call",
             .flag = "--api-max-body-bytes"});
  table.add({.name = "request_timeout",
             .value = duration_value(api.limits.request_timeout, kPositive),
             .help = "How long the head of a call, its body or its response may take",
             .flag = "--api-request-timeout"});
  table.add({.name = "admin",
             .value = boolean_value(api.admin),
             .help = "The default: serve the admin page, at /admin, which asks for a key",
             .flag = "--api-admin",
             .off_flag = "--no-api-admin"});
  table.add({.name = "origins",
             .value = list_value(api.origins, "A,B,..."),
             .help = "Pages of these origins may use the API from browsers; without it only those "
                     "of its own address",
             .flag = "--api-allow-origin"});
}

}  // namespace

void describe_backend_options(OptionTable& table, ServeArguments& arguments) {
  describe_auth(table, arguments);
  describe_jwt(table, arguments);
  describe_auth_webhook(table, arguments);
  describe_webhook(table, arguments);
  describe_api(table, arguments.api);
}

}  // namespace wscast::program
