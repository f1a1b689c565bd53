#include "serve_arguments.h"

#include <limits>

#include <CLI/CLI.hpp>

#include "flags.h"
#include "renamed_flags.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMessageRate = 1'000;
constexpr std::size_t kJoinRate = 100;
constexpr std::size_t kMaxFailedAuthentications = 100;
constexpr std::size_t kMaxShards = 1'024;
constexpr std::size_t kMaxJsonDepth = 256;  // protocol.md M15

void add_who(CLI::App& app, ServeArguments& arguments) {
  Flags flags(app, "Who may connect");
  flags.on("--dev", arguments.dev,
           "For trying out: any non-empty token authenticates, every room is allowed, and the "
           "console is served at /");
  flags.text("--tokens", arguments.tokens_file, "FILE",
             "JSON file of the tokens that authenticate, their users, metadata and rooms");
  flags.on("--console", arguments.console, "Serve the console at / and /stats without --dev");
  // An empty variable in a start script must not allow every origin.
  flags.list("--allow-origin", arguments.options.allowed_origins,
             "Origins whose pages may connect, such as https://example.com; none: any",
             Flags::Empty::kept);
  flags.choice("--encryption", arguments.encryption, {"off", "optional", "required"},
               "Which clients are encrypted, each with its own keys: with optional those that send "
               "a publicKey when they authenticate");
}

void add_where(CLI::App& app, ServeArguments& arguments) {
  app.add_option("--listen", arguments.endpoints,
                 "Address to accept connections at: HOST:PORT, [IPV6]:PORT or unix:PATH; may be "
                 "given several times. [::] is IPv6 only, see --dual-stack")
      ->allow_extra_args(false)
      ->type_name("ADDRESS")
      ->default_str(kDefaultEndpoint)
      ->group("Where");
  app.add_option("--listen-tls", arguments.tls_endpoints,
                 "Address to accept connections by TLS at; may be given several times")
      ->allow_extra_args(false)
      ->type_name("ADDRESS")
      ->group("Where");
  Flags flags(app, "Where");
  flags.off("--dual-stack", arguments.listen.ipv6_only, "Accept IPv4 connections at [::] too");
  flags.mode("--unix-mode", arguments.listen.unix_mode,
             "Permissions of the socket of unix:PATH, such as 0660; none: what the umask leaves. "
             "A client needs the permission to write to it");
  flags.text("--unix-group", arguments.listen.unix_group, "GROUP",
             "Group of the socket of unix:PATH; none: that of the process");
  flags.text("--path", arguments.options.path, "PATH", "Path of WebSocket connections");
  flags.count("--shards", arguments.options.shards, "Threads that serve clients; 0: one per core",
              {.most = kMaxShards});
}

void add_proxies(CLI::App& app, ServeArguments& arguments) {
  Flags flags(app, "Proxies");
  // An empty variable in a start script is an error, not trust in nobody.
  flags.list("--trusted-proxy", arguments.options.transport.trusted_proxies,
             "Address or network of a proxy, such as 10.0.0.0/8, or unix for peers of unix:PATH: "
             "what its Forwarded or X-Forwarded-For says is the client's address",
             Flags::Empty::kept);
  flags.on("--proxy-protocol", arguments.listen.proxy_protocol,
           "Each connection begins with a PROXY header, version 1 or 2, of a --trusted-proxy; any "
           "other is closed");
}

void add_timeouts(CLI::App& app, ServeArguments& arguments) {
  SessionOptions& session = arguments.options.session;
  TransportOptions& transport = arguments.options.transport;
  Flags flags(app, "Times (500ms, 5s, 2m or 1h; 0: no limit, where that makes sense)");
  flags.duration("--auth-timeout", session.auth_timeout,
                 "How long a client may take to authenticate", kPositive);
  flags.duration("--heartbeat-interval", session.heartbeat_interval,
                 "How often to look for silent clients", kPositive);
  flags.duration("--heartbeat-timeout", session.heartbeat_timeout,
                 "How long an authenticated client may send no message", kPositive);
  flags.duration("--idle-timeout", transport.idle_timeout, "How long a client may send no byte");
  flags.duration("--head-timeout", transport.head_timeout,
                 "How long a request head may be incomplete");
  flags.duration("--message-timeout", transport.message_timeout,
                 "How long a message may be incomplete");
  flags.duration("--close-timeout", transport.close_timeout,
                 "How long a close frame may stay unanswered");
  flags.duration("--drain-delay", arguments.drain.delay,
                 "After SIGTERM, before clients are closed: for load balancers to see /ready");
  flags.duration("--drain-time", arguments.drain.time,
                 "Over how long SIGTERM closes the clients, evenly; 0: all at once");
  flags.duration("--drain-timeout", transport.drain_timeout,
                 "How long delivering what was sent before the end of a connection may take");
}

void add_transport(CLI::App& app, ServeArguments& arguments) {
  TransportOptions& transport = arguments.options.transport;
  Flags flags(app, "Messages and buffers (65536, 64KiB or 1MiB)");
  flags.size("--max-payload-length", transport.max_payload_length,
             "The longest message a client may send", kPositive);
  flags.size("--backpressure-limit", transport.backpressure_limit,
             "Messages are dropped for a client that has more than this unsent");
  flags.on("--close-on-backpressure-limit", transport.close_on_backpressure_limit,
           "Close such a client instead (4008)");
  flags.size("--send-buffer", transport.send_buffer, "The kernel's send buffer of a connection",
             {.most = std::numeric_limits<int>::max()});
  flags.size("--max-inbox-bytes", arguments.options.max_inbox_bytes,
             "Bytes that may wait on their way to one shard", kPositive);
  flags.on_and_off("--send-pings", "--no-send-pings", transport.send_pings,
                   "The default: ping silent clients, so that live ones never meet --idle-timeout");
  flags.on_and_off("--notify-dropped", "--no-notify-dropped",
                   arguments.options.session.notify_dropped,
                   "The default: tell a client by an event `dropped` that it lost messages");
  flags.list("--default-rooms", arguments.options.session.default_rooms,
             "Rooms that every client joins when it authenticates");
}

void add_compression(CLI::App& app, ServeArguments& arguments) {
  DeflateOptions& deflate = arguments.options.transport.per_message_deflate;
  Flags flags(app, "Compression (permessage-deflate)");
  flags.on("--per-message-deflate", deflate.enabled,
           "Accept the compression that clients offer: CPU for bandwidth");
  flags.size("--deflate-threshold", deflate.threshold,
             "Messages below this size are sent as they are");
  flags.count("--deflate-level", deflate.level, "1 (fast) to 9 (small)", {.least = 1, .most = 9});
  flags.count("--deflate-memory-level", deflate.memory_level,
              "Memory of a compressor, 1 to 9: 2^(9 + this) bytes", {.least = 1, .most = 9});
  flags.count("--deflate-max-window-bits", deflate.max_window_bits,
              "The largest window to compress with, 9 to 15: 2^this bytes",
              {.least = 9, .most = 15});
  flags.size("--deflate-max-inflated-before-auth", deflate.max_inflated_before_auth,
             "The longest message, inflated, before authentication", kPositive);
}

void add_limits(CLI::App& app, ServeArguments& arguments) {
  SessionOptions& session = arguments.options.session;
  TransportOptions& transport = arguments.options.transport;
  session.message_rate = kMessageRate;
  session.join_rate = kJoinRate;
  transport.max_failed_authentications_per_address = kMaxFailedAuthentications;
  Flags flags(app, "Limits");
  flags.count("--message-rate", session.message_rate,
              "Messages per second that one client may send (0: no limit)");
  flags.count("--join-rate", session.join_rate,
              "Rooms per second that one client may name in joins and leaves (0: no limit)");
  flags.count("--max-connections", transport.max_connections,
              "Open connections (0: what the descriptor limit leaves)");
  flags.count(
      "--max-unauthenticated-connections", transport.max_unauthenticated_connections,
      "WebSocket connections that have not authenticated (0: a quarter of the above, at least "
      "1000)");
  flags.count("--max-connections-per-address", transport.max_connections_per_address,
              "Connections of one address (0: no limit)");
  flags.count(
      "--max-failed-authentications-per-address", transport.max_failed_authentications_per_address,
      "Rejected authentications of one address in a minute; then it gets 429 (0: no limit)");
  flags.count("--max-rooms-per-join", session.max_rooms_per_join, "Rooms that one join may name");
  flags.count("--max-rooms-per-client", session.max_rooms_per_client,
              "Rooms that one client may be in");
  flags.count("--max-json-depth", session.max_json_depth,
              "Levels of nested JSON in a message, at most 256",
              {.least = 1, .most = kMaxJsonDepth});
  flags.count("--max-messages-before-auth", session.max_messages_before_auth,
              "Messages that a client may send before authentication", kPositive);
  flags.size("--max-bytes-before-auth", session.max_bytes_before_auth, "Their bytes", kPositive);
  flags.size("--max-head-bytes", transport.max_head_bytes, "The longest request head", kPositive);
  flags.count("--max-head-fields", transport.max_head_fields, "Header fields in it", kPositive);
}

void add_logging(CLI::App& app, ServeArguments& arguments) {
  Flags flags(app, "Logging");
  flags.choice("--log-level", arguments.log_level, {"debug", "info", "warn", "error", "off"},
               "The lowest level that is logged to standard error");
  flags.choice("--log-format", arguments.log_format, {"text", "json"}, "The format of a log line");
}

}  // namespace

void add_serve_flags(CLI::App& app, ServeArguments& arguments) {
  add_renamed_flags(app);
  add_where(app, arguments);
  add_proxies(app, arguments);
  add_tls_flags(app, arguments.tls);
  add_who(app, arguments);
  add_redis_flags(app, arguments.redis);
  add_redis_subscribe_flag(app, arguments.redis);
  add_timeouts(app, arguments);
  add_transport(app, arguments);
  add_compression(app, arguments);
  add_limits(app, arguments);
  add_logging(app, arguments);
  app.footer(R"(A tokens file: {"SECRET": {"userId": "alice", "rooms": ["lobby", "team-*"]}})");
}

}  // namespace wscast::program
