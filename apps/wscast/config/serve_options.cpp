#include "config/serve_options.h"

#include <limits>

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
             .help = "Threads that serve clients; 0: one per core that it may use"});
  table.add({.name = "io",
             .value = choice_value(arguments.io, {"auto", "epoll", "uring"}),
             .help = "How to write to clients: uring sends to many of them by one system call "
                     "(io_uring), if the kernel allows it; auto: so, if it can, else epoll"});
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
  count(
      "room_publish_rate", arguments.room_publish_rate,
      "Messages per second that clients may publish to one room, all together, on this server (0: "
      "no limit)");
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
             .value = choice_value(arguments.log_format, {"text", "json", "logfmt"}),
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
  describe_backend_options(table, arguments);
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
