#include "arguments.h"

#include <cstdint>
#include <map>

#include <CLI/CLI.hpp>

namespace wscast::bench {
namespace {

void add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& into,
                  const std::string& help) {
  const std::map<std::string, std::uint64_t> units = {{"ms", 1}, {"s", 1'000}, {"m", 60'000}};
  app.add_option_function<std::uint64_t>(
         name, [&into](const std::uint64_t& count) { into = std::chrono::milliseconds(count); },
         help + ", such as 500ms, 5s or 2m; 0: none")
      ->transform(CLI::AsNumberWithUnit(units))
      ->default_str(std::to_string(into.count()) + "ms");
}

template <class Size>
void add_size(CLI::App& app, const std::string& name, Size& into, const std::string& help) {
  app.add_option(name, into, help + ", such as 128KiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
}

void add_session(CLI::App& app, SessionOptions& session) {
  add_duration(app, "--auth-timeout", session.auth_timeout,
               "How long a client may take to authenticate");
  add_duration(app, "--heartbeat-interval", session.heartbeat_interval,
               "How often silent clients are looked for");
  add_duration(app, "--heartbeat-timeout", session.heartbeat_timeout,
               "How long an authenticated client may be silent");
  app.add_option("--message-rate", session.message_rate,
                 "Messages a second that a client may send; 0: no limit");
}

void add_transport(CLI::App& app, TransportOptions& transport) {
  app.add_option("--io", transport.io, "How to write to clients")
      ->transform(CLI::CheckedTransformer(std::map<std::string, Io>{
          {"auto", Io::automatic}, {"epoll", Io::epoll}, {"uring", Io::uring}}));
  add_duration(app, "--idle-timeout", transport.idle_timeout,
               "How long a connection may bring no byte");
  add_duration(app, "--head-timeout", transport.head_timeout,
               "How long a request head may be incomplete");
  add_duration(app, "--message-timeout", transport.message_timeout,
               "How long a message may be incomplete");
  add_size(app, "--max-payload-length", transport.max_payload_length,
           "The longest message a client may send");
  add_size(app, "--backpressure-limit", transport.backpressure_limit,
           "Unsent bytes of a client from which on messages to it are dropped");
  app.add_flag("--close-on-backpressure-limit", transport.close_on_backpressure_limit,
               "Close such a client instead");
  app.add_option("--connections-max", transport.max_connections,
                 "Connections at most; 0: as many as there are descriptors");
  app.add_flag("--per-message-deflate", transport.per_message_deflate.enabled,
               "Compress for clients that offer it");
}

void add_tls(CLI::App& app, Arguments& arguments) {
  app.add_option("--listen-tls", arguments.tls_endpoints,
                 "As --listen, by TLS; without files a certificate is made");
  CertificateFiles& files = arguments.tls.certificates.emplace_back();
  app.add_option("--tls-cert", files.certificate, "PEM file of the certificate");
  app.add_option("--tls-key", files.key, "PEM file of its key");
  add_duration(app, "--tls-handshake-timeout", arguments.tls.handshake_timeout,
               "How long a TLS handshake may take");
  app.add_option("--tls-max-handshakes", arguments.tls.max_handshakes, "Under way at once");
}

}  // namespace

void add_arguments(CLI::App& app, Arguments& arguments) {
  app.add_option("--listen", arguments.endpoints,
                 "HOST:PORT, [IPV6]:PORT or unix:PATH; may be given several times")
      ->default_str("127.0.0.1:9002");
  app.add_option("--shards", arguments.server.shards, "Threads that serve clients; 0: one a core");
  app.add_option("--path", arguments.server.path, "Where WebSocket connections are taken")
      ->capture_default_str();
  add_session(app, arguments.server.session);
  add_transport(app, arguments.server.transport);
  add_tls(app, arguments);
  add_duration(app, "--hook-delay", arguments.hook_delay,
               "How long each decision takes, as if a database were asked");
  app.add_option("--redis", arguments.redis,
                 "URL of the Redis that servers share; none: a single one");
  add_duration(app, "--slow-event-delay", arguments.slow_event_delay,
               "How long the handler of the event `slow` takes");
}

}  // namespace wscast::bench
