// A WebSocket echo server on wscast's data plane: it sends text and binary messages back as they
// came. Conformance suites and benchmarks use it to drive the net layer alone.

#include <chrono>
#include <iostream>
#include <map>
#include <memory>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "wscast/descriptor_limit.h"
#include "wscast/option_faults.h"
#include "wscast/options.h"

#include "base/clock.h"
#include "base/random.h"
#include "http/refusal.h"
#include "net/application.h"
#include "net/connection.h"
#include "net/engine.h"
#include "net/tls/tls_layer.h"
#include "ws/opening_handshake.h"

namespace {

namespace http = wscast::http;
namespace net = wscast::net;
namespace ws = wscast::ws;

/// Sends each message back, and stops reading from a client that does not read its echoes.
class Echo final : public net::Application {
 public:
  explicit Echo(const wscast::DeflateOptions& deflate) : deflate_(deflate) {}

  http::WireResponse on_request(const net::Connection& /*connection*/,
                                const http::RequestHead& head) override {
    const ws::UpgradeResult result = ws::validate_upgrade(head, {}, deflate_);
    if (result.status == 101) {
      return {101, ws::upgrade_response(result), result.deflate_window_bits()};
    }
    return http::refuse({.status = result.status, .reason = result.reason});
  }

  /// There is no authentication to wait for.
  void on_open(net::Connection& connection) override { connection.trust(true); }

  void on_message(net::Connection& connection, bool binary, std::string_view payload) override {
    const auto opcode = binary ? ws::Opcode::binary : ws::Opcode::text;
    if (connection.send(ws::make_frame(opcode, payload)) < 0) connection.pause_reading();
  }

  void on_drain(net::Connection& connection) override { connection.resume_reading(); }

  void on_close(net::Connection&, std::uint16_t, std::string_view) noexcept override {}

 private:
  const wscast::DeflateOptions& deflate_;
};

struct Arguments {
  std::vector<std::string> endpoints;
  std::vector<std::string> tls_endpoints;
  wscast::CertificateFiles tls_files;  ///< None: a certificate is made.
  std::size_t shards = 0;
  wscast::Io io = wscast::Io::automatic;
  std::uint64_t max_payload_length = 128 * 1024;
  std::chrono::seconds::rep idle_seconds = 60;
  wscast::DeflateOptions deflate;
};

Arguments parse(CLI::App& app, int argc, char** argv) {
  Arguments arguments;
  app.add_option("--listen", arguments.endpoints, "HOST:PORT, [IPV6]:PORT or unix:PATH")
      ->default_str("127.0.0.1:9001");
  app.add_option("--listen-tls", arguments.tls_endpoints, "The same, with TLS");
  auto* certificate =
      app.add_option("--tls-cert", arguments.tls_files.certificate,
                     "PEM file of the certificate; none: one for localhost is made");
  auto* key = app.add_option("--tls-key", arguments.tls_files.key, "PEM file of its key");
  certificate->needs(key);
  key->needs(certificate);
  app.add_option("--shards", arguments.shards, "Threads that serve clients; 0: one per core");
  app.add_option("--io", arguments.io, "How to write to clients")
      ->transform(
          CLI::CheckedTransformer(std::map<std::string, wscast::Io>{{"auto", wscast::Io::automatic},
                                                                    {"epoll", wscast::Io::epoll},
                                                                    {"uring", wscast::Io::uring}}));
  app.add_option("--max-payload-length", arguments.max_payload_length,
                 "The longest message that a client may send, such as 64MiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--idle-timeout", arguments.idle_seconds,
                 "Seconds after which a silent client is disconnected; 0: never")
      ->capture_default_str();
  app.add_flag("--per-message-deflate", arguments.deflate.enabled,
               "Accept the compression that clients offer (RFC 7692)");
  app.add_option("--deflate-threshold", arguments.deflate.threshold,
                 "Messages below this many bytes are sent as they are")
      ->capture_default_str();
  app.parse(argc, argv);
  if (arguments.endpoints.empty() && arguments.tls_endpoints.empty())
    arguments.endpoints.emplace_back("127.0.0.1:9001");
  return arguments;
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

std::shared_ptr<net::TlsLayer> tls_layer(const Arguments& arguments) {
  wscast::TlsOptions options{.self_signed = arguments.tls_files.certificate.empty()};
  if (!options.self_signed) options.certificates.push_back(arguments.tls_files);
  std::vector<std::string> faults;
  auto layer = net::TlsLayer::make(
      options, std::make_shared<net::TlsShared>(wscast::system_clock(), wscast::system_random()),
      faults);
  if (layer == nullptr) throw std::invalid_argument(wscast::joined_faults(faults));
  return layer;
}

void listen(net::Engine& engine, const std::string& text,
            std::shared_ptr<const net::StreamLayer> layer = nullptr) {
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint) throw std::invalid_argument("not an address to listen on: " + text);
  const char* with = layer == nullptr ? "" : " (TLS)";
  std::cout << "listening on " << engine.listen(*endpoint, {}, std::move(layer)).text() << with
            << std::endl;
}

int serve(const Arguments& arguments) {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::cout << "descriptor limit " << wscast::raise_descriptor_limit() << std::endl;

  const wscast::TransportOptions options{
      .max_payload_length = arguments.max_payload_length,
      .per_message_deflate = arguments.deflate,
      .idle_timeout = std::chrono::seconds(arguments.idle_seconds),
      .io = arguments.io,
      .backpressure_limit = SIZE_MAX,  // Nothing is dropped: reading pauses instead.
  };
  net::Engine engine(arguments.shards, options, wscast::system_clock(), [&options](net::Shard&) {
    return std::make_unique<Echo>(options.per_message_deflate);
  });
  engine.start();
  for (const auto& endpoint : arguments.endpoints) listen(engine, endpoint);
  for (const auto& endpoint : arguments.tls_endpoints) {
    listen(engine, endpoint, tls_layer(arguments));
  }

  int signal = 0;
  sigwait(&signals, &signal);
  engine.stop_listening();
  engine.close_all(1001, "Server shutting down");
  engine.stop(std::chrono::seconds(8));
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"WebSocket echo server on wscast's data plane", "echo"};
  try {
    return serve(parse(app, argc, argv));
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "echo: " << error.what() << "\n";
    return 2;
  }
}
