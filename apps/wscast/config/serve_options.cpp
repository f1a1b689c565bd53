#include "config/serve_options.h"

#include <limits>
#include <utility>

namespace wscast::program {
namespace {

constexpr std::size_t kMessageRate = 1'000;
constexpr std::size_t kJoinRate = 100;
constexpr std::size_t kMaxFailedAuthentications = 100;
constexpr std::size_t kMaxShards = 1'024;
constexpr std::size_t kMaxJsonDepth = 256;                // protocol.md M15
constexpr std::size_t kMaxBulkBytes = 512 * 1024 * 1024;  // Redis' proto-max-bulk-len.

void describe_server(OptionTable& table, ServeArguments& arguments) {
  table.begin("server", "Where");
  table.add({.name = "listen",
             .value = list_value(arguments.endpoints, "ADDRESS", EmptyText::kept),
             .help = "Address to accept connections at: HOST:PORT, [IPV6]:PORT or unix:PATH; may "
                     "be given several times. [::] is IPv6 only, see --dual-stack. None: " +
                     std::string(kDefaultEndpoint),
             .separated = false});
  table.add({.name = "listen_tls",
             .value = list_value(arguments.tls_endpoints, "ADDRESS", EmptyText::kept),
             .help = "Address to accept connections by TLS at; may be given several times",
             .separated = false});
  table.add({.name = "dual_stack",
             .value = inverted_value(arguments.listen.ipv6_only),
             .help = "Accept IPv4 connections at [::] too"});
  table.add({.name = "unix_mode",
             .value = mode_value(arguments.listen.unix_mode),
             .help = "Permissions of the socket of unix:PATH, such as 0660; none: what the umask "
                     "leaves. A client needs the permission to write to it"});
  table.add({.name = "unix_group",
             .value = text_value(arguments.listen.unix_group, "GROUP"),
             .help = "Group of the socket of unix:PATH; none: that of the process"});
  table.add({.name = "path",
             .value = text_value(arguments.options.path, "PATH"),
             .help = "Path of WebSocket connections"});
  table.add({.name = "shards",
             .value = count_value(arguments.options.shards, {.most = kMaxShards}),
             .help = "Threads that serve clients; 0: one per core"});
  table.add({.name = "default_rooms",
             .value = list_value(arguments.options.session.default_rooms, "A,B,..."),
             .help = "Rooms that every client joins when it authenticates"});
  table.add({.name = "console",
             .value = boolean_value(arguments.console),
             .help = "Serve the console at / and /stats without --dev"});
}

void describe_proxies(OptionTable& table, ServeArguments& arguments) {
  table.begin("proxy", "Proxies");
  // An empty variable in a start script is an error, not trust in nobody.
  table.add(
      {.name = "trusted",
       .value = list_value(arguments.options.transport.trusted_proxies, "A,B,...", EmptyText::kept),
       .help = "Address or network of a proxy, such as 10.0.0.0/8, or unix for peers of "
               "unix:PATH: what its Forwarded or X-Forwarded-For says is the client's "
               "address",
       .flag = "--trusted-proxy"});
  table.add({.name = "protocol",
             .value = boolean_value(arguments.listen.proxy_protocol),
             .help = "Each connection begins with a PROXY header, version 1 or 2, of a "
                     "--trusted-proxy; any other is closed",
             .flag = "--proxy-protocol"});
}

void describe_tls(OptionTable& table, TlsArguments& tls) {
  table.begin("tls", "TLS");
  table.add({.name = "certificates",
             .value = list_value(tls.certificates, "FILE", EmptyText::kept),
             .help = "PEM file of a certificate and those that lead to its authority; may be given "
                     "several times, each with its --tls-key: clients choose by the host's name. "
                     "Read again on SIGHUP and when a file changes",
             .flag = "--tls-cert",
             .separated = false});
  table.add({.name = "keys",
             .value = list_value(tls.keys, "FILE", EmptyText::kept),
             .help = "PEM file of the key, without a passphrase",
             .flag = "--tls-key",
             .separated = false});
  table.add({.name = "min_version",
             .value = choice_value(tls.min_version, {"1.2", "1.3"}),
             .help = "The lowest version of TLS that is accepted",
             .flag = "--tls-min-version"});
  table.add({.name = "self_signed",
             .value = boolean_value(tls.options.self_signed),
             .help = "With --dev: make a certificate for localhost that browsers warn of",
             .flag = "--tls-self-signed"});
  table.add({.name = "handshake_timeout",
             .value = duration_value(tls.options.handshake_timeout),
             .help = "How long a TLS handshake may take, from connecting on (0: no limit)",
             .flag = "--tls-handshake-timeout"});
  table.add({.name = "max_handshakes",
             .value = count_value(tls.options.max_handshakes, kPositive),
             .help = "TLS handshakes at once; beyond it connections are closed",
             .flag = "--tls-max-handshakes"});
  table.add({.name = "reload_interval",
             .value = duration_value(tls.options.reload_interval),
             .help = "How often to look for changed certificates (0: on SIGHUP only)",
             .flag = "--tls-reload-interval"});
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

void describe_timeouts(OptionTable& table, ServeArguments& arguments) {
  SessionOptions& session = arguments.options.session;
  TransportOptions& transport = arguments.options.transport;
  table.begin("timeouts", "Times (500ms, 5s, 2m or 1h; 0: no limit, where that makes sense)");
  const auto add = [&table](const char* name, std::chrono::milliseconds& into, const char* help,
                            const Range& range = {}) {
    table.add(
        {.name = name, .value = duration_value(into, range), .help = help, .reloadable = true});
  };
  add("auth_timeout", session.auth_timeout, "How long a client may take to authenticate",
      kPositive);
  add("expiry_grace", session.expiry_grace,
      "How long a client may take to renew a token that has expired");
  add("heartbeat_interval", session.heartbeat_interval, "How often to look for silent clients",
      kPositive);
  add("heartbeat_timeout", session.heartbeat_timeout,
      "How long an authenticated client may send no message", kPositive);
  add("idle_timeout", transport.idle_timeout, "How long a client may send no byte");
  add("head_timeout", transport.head_timeout, "How long a request head may be incomplete");
  add("message_timeout", transport.message_timeout, "How long a message may be incomplete");
  add("close_timeout", transport.close_timeout, "How long a close frame may stay unanswered");
  table.add({.name = "drain_delay",
             .value = duration_value(arguments.drain.delay),
             .help = "After SIGTERM, before clients are closed: for load balancers to see /ready"});
  table.add({.name = "drain_time",
             .value = duration_value(arguments.drain.time),
             .help = "Over how long SIGTERM closes the clients, evenly; 0: all at once"});
  add("drain_timeout", transport.drain_timeout,
      "How long delivering what was sent before the end of a connection may take");
}

void describe_messages(OptionTable& table, ServeArguments& arguments) {
  TransportOptions& transport = arguments.options.transport;
  table.begin("messages", "Messages and buffers (65536, 64KiB or 1MiB)");
  table.add({.name = "max_payload_length",
             .value = size_value(transport.max_payload_length, kPositive),
             .help = "The longest message a client may send",
             .reloadable = true});
  table.add({.name = "backpressure_limit",
             .value = size_value(transport.backpressure_limit),
             .help = "Messages are dropped for a client that has more than this unsent",
             .reloadable = true});
  table.add({.name = "close_on_backpressure_limit",
             .value = boolean_value(transport.close_on_backpressure_limit),
             .help = "Close such a client instead (4008)",
             .reloadable = true});
  table.add({.name = "send_buffer",
             .value = size_value(transport.send_buffer, {.most = std::numeric_limits<int>::max()}),
             .help = "The kernel's send buffer of a connection"});
  table.add({.name = "max_inbox_bytes",
             .value = size_value(arguments.options.max_inbox_bytes, kPositive),
             .help = "Bytes that may wait on their way to one shard"});
  table.add({.name = "send_pings",
             .value = boolean_value(transport.send_pings),
             .help = "The default: ping silent clients, so that live ones never meet "
                     "--idle-timeout",
             .off_flag = "--no-send-pings",
             .reloadable = true});
  table.add({.name = "notify_dropped",
             .value = boolean_value(arguments.options.session.notify_dropped),
             .help = "The default: tell a client by an event `dropped` that it lost messages",
             .off_flag = "--no-notify-dropped",
             .reloadable = true});
}

void describe_compression(OptionTable& table, DeflateOptions& deflate) {
  table.begin("compression", "Compression (permessage-deflate)");
  table.add({.name = "enabled",
             .value = boolean_value(deflate.enabled),
             .help = "Accept the compression that clients offer: CPU for bandwidth",
             .flag = "--per-message-deflate"});
  table.add({.name = "threshold",
             .value = size_value(deflate.threshold),
             .help = "Messages below this size are sent as they are",
             .flag = "--deflate-threshold",
             .reloadable = true});
  table.add({.name = "level",
             .value = count_value(deflate.level, {.least = 1, .most = 9}),
             .help = "1 (fast) to 9 (small)",
             .flag = "--deflate-level"});
  table.add({.name = "memory_level",
             .value = count_value(deflate.memory_level, {.least = 1, .most = 9}),
             .help = "Memory of a compressor, 1 to 9: 2^(9 + this) bytes",
             .flag = "--deflate-memory-level"});
  table.add({.name = "max_window_bits",
             .value = count_value(deflate.max_window_bits, {.least = 9, .most = 15}),
             .help = "The largest window to compress with, 9 to 15: 2^this bytes",
             .flag = "--deflate-max-window-bits"});
  table.add({.name = "max_inflated_before_auth",
             .value = size_value(deflate.max_inflated_before_auth, kPositive),
             .help = "The longest message, inflated, before authentication",
             .flag = "--deflate-max-inflated-before-auth",
             .reloadable = true});
}

void describe_limits(OptionTable& table, ServeArguments& arguments) {
  SessionOptions& session = arguments.options.session;
  TransportOptions& transport = arguments.options.transport;
  session.message_rate = kMessageRate;
  session.join_rate = kJoinRate;
  transport.max_failed_authentications_per_address = kMaxFailedAuthentications;
  table.begin("limits", "Limits");
  const auto count = [&table](const char* name, std::size_t& into, const char* help,
                              const Range& range = {}) {
    table.add({.name = name, .value = count_value(into, range), .help = help, .reloadable = true});
  };
  count("message_rate", session.message_rate,
        "Messages per second that one client may send (0: no limit)");
  count("join_rate", session.join_rate,
        "Rooms per second that one client may name in joins and leaves (0: no limit)");
  table.add({.name = "byte_rate",
             .value = size_value(session.byte_rate),
             .help = "Bytes of messages per second that one client may send (0: no limit)",
             .reloadable = true});
  count("max_clients_per_user", session.max_clients_per_user,
        "Authenticated clients of one user on this server (0: no limit)");
  count("max_connections", transport.max_connections,
        "Open connections (0: what the descriptor limit leaves)");
  count("max_unauthenticated_connections", transport.max_unauthenticated_connections,
        "WebSocket connections that have not authenticated (0: a quarter of the above, at least "
        "1000)");
  count("max_connections_per_address", transport.max_connections_per_address,
        "Connections of one address (0: no limit)");
  count("max_failed_authentications_per_address", transport.max_failed_authentications_per_address,
        "Rejected authentications of one address in a minute; then it gets 429 (0: no limit)");
  count("max_rooms_per_join", session.max_rooms_per_join, "Rooms that one join may name");
  count("max_rooms_per_client", session.max_rooms_per_client, "Rooms that one client may be in");
  count("max_json_depth", session.max_json_depth, "Levels of nested JSON in a message, at most 256",
        {.least = 1, .most = kMaxJsonDepth});
  count("max_messages_before_auth", session.max_messages_before_auth,
        "Messages that a client may send before authentication", kPositive);
  table.add({.name = "max_bytes_before_auth",
             .value = size_value(session.max_bytes_before_auth, kPositive),
             .help = "Their bytes",
             .reloadable = true});
  table.add({.name = "max_head_bytes",
             .value = size_value(transport.max_head_bytes, kPositive),
             .help = "The longest request head",
             .reloadable = true});
  count("max_head_fields", transport.max_head_fields, "Header fields in it", kPositive);
}

void describe_logging(OptionTable& table, ServeArguments& arguments) {
  table.begin("log", "Logging");
  table.add({.name = "level",
             .value = choice_value(arguments.log_level, {"debug", "info", "warn", "error", "off"}),
             .help = "The lowest level that is logged to standard error",
             .flag = "--log-level",
             .reloadable = true});
  table.add({.name = "format",
             .value = choice_value(arguments.log_format, {"text", "json"}),
             .help = "The format of a log line",
             .flag = "--log-format"});
}

}  // namespace

void describe_redis_options(OptionTable& table, RedisArguments& redis) {
  table.begin("redis", "Redis");
  table.add_secret({.name = "url",
                    .value = text_value(redis.url, "URL"),
                    .help = "The Redis that connects the servers: redis://, rediss:// (TLS), "
                            "unix://, redis-sentinel:// or redis-cluster://. A password is safer "
                            "in the environment (WSCAST_REDIS), or in a file",
                    .flag = "--redis",
                    .variable = "WSCAST_REDIS"},
                   redis.url);
  table.add({.name = "prefix",
             .value = text_value(redis.options.prefix, "TEXT"),
             .help = "Prefix of every channel. Two systems on one Redis need different ones: a "
                     "database number does not separate Pub/Sub",
             .flag = "--redis-prefix"});
  table.add(
      {.name = "max_publish_bytes",
       .value = size_value(redis.options.max_publish_bytes, {.least = 1, .most = kMaxBulkBytes}),
       .help = "The longest message that is published; use the same on every server",
       .flag = "--redis-max-publish-bytes"});
  table.add({.name = "wait",
             .value = duration_or_forever_value(redis.options.startup_wait),
             .help = "How long to wait at the start for a Redis that cannot be reached yet; 0: do "
                     "not wait; or WSCAST_REDIS_WAIT",
             .flag = "--redis-wait"});
  table.add({.name = "tls_ca_file",
             .value = text_value(redis.options.tls_ca_file, "FILE"),
             .help = "The certificates that may sign the one of Redis (PEM); none: those that the "
                     "system trusts",
             .flag = "--redis-tls-ca-file"});
  table.add({.name = "tls_certificate_file",
             .value = text_value(redis.options.tls_certificate_file, "FILE"),
             .help = "The certificate to show to Redis (PEM)",
             .flag = "--redis-tls-certificate-file"});
  table.add({.name = "tls_key_file",
             .value = text_value(redis.options.tls_key_file, "FILE"),
             .help = "Its key (PEM)",
             .flag = "--redis-tls-key-file"});
}

void describe_serve_options(OptionTable& table, ServeArguments& arguments) {
  describe_server(table, arguments);
  describe_proxies(table, arguments);
  describe_tls(table, arguments.tls);
  describe_auth(table, arguments);
  describe_jwt(table, arguments);
  describe_auth_webhook(table, arguments);
  describe_webhook(table, arguments);
  describe_redis_options(table, arguments.redis);
  table.add({.name = "subscribe",
             .value = choice_value(arguments.redis.subscribe, {"exact", "patterns"}),
             .help = "Subscribe to the channels that this server's clients need, or to patterns "
                     "that match all channels",
             .flag = "--redis-subscribe"});
  describe_timeouts(table, arguments);
  describe_messages(table, arguments);
  describe_compression(table, arguments.options.transport.per_message_deflate);
  describe_limits(table, arguments);
  describe_logging(table, arguments);
}

}  // namespace wscast::program
