// A WebSocket echo server on wscast's data plane: it sends text and binary messages back as they
// came. Conformance suites and benchmarks use it to drive the net layer alone.

#include <chrono>
#include <iostream>
#include <signal.h>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "wscast/descriptor_limit.h"

#include "base/clock.h"
#include "http/refusal.h"
#include "net/application.h"
#include "net/connection.h"
#include "net/engine.h"
#include "ws/opening_handshake.h"

namespace {

namespace http = wscast::http;
namespace net = wscast::net;
namespace ws = wscast::ws;

/// Sends each message back, and stops reading from a client that does not read its echoes.
class Echo final : public net::Application {
 public:
  http::WireResponse on_request(const http::RequestHead& head) override {
    const ws::UpgradeResult result = ws::validate_upgrade(head);
    if (result.status == 101) return {101, ws::upgrade_response(result)};
    return http::refuse({.status = result.status, .reason = result.reason});
  }

  void on_open(net::Connection&) override {}

  void on_message(net::Connection& connection, bool binary, std::string_view payload) override {
    const auto opcode = binary ? ws::Opcode::binary : ws::Opcode::text;
    if (connection.send(ws::make_frame(opcode, payload)) < 0) connection.pause_reading();
  }

  void on_drain(net::Connection& connection) override { connection.resume_reading(); }

  void on_close(net::Connection&, std::uint16_t, std::string_view) noexcept override {}
};

struct Arguments {
  std::vector<std::string> endpoints;
  std::size_t shards = 0;
  std::uint64_t max_payload_length = 128 * 1024;
  std::chrono::seconds::rep idle_seconds = 60;
};

Arguments parse(CLI::App& app, int argc, char** argv) {
  Arguments arguments;
  app.add_option("--listen", arguments.endpoints, "HOST:PORT, [IPV6]:PORT or unix:PATH")
      ->default_str("127.0.0.1:9001");
  app.add_option("--shards", arguments.shards, "Threads that serve clients; 0: one per core");
  app.add_option("--max-payload-length", arguments.max_payload_length,
                 "The longest message that a client may send, such as 64MiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  app.add_option("--idle-timeout", arguments.idle_seconds,
                 "Seconds after which a silent client is disconnected; 0: never")
      ->capture_default_str();
  app.parse(argc, argv);
  if (arguments.endpoints.empty()) arguments.endpoints.emplace_back("127.0.0.1:9001");
  return arguments;
}

sigset_t ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

void listen(net::Engine& engine, const std::string& text) {
  const auto endpoint = net::Endpoint::parse(text);
  if (!endpoint) throw std::invalid_argument("not an address to listen on: " + text);
  std::cout << "listening on " << engine.listen(*endpoint).text() << std::endl;
}

int serve(const Arguments& arguments) {
  const sigset_t signals = ending_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::cout << "descriptor limit " << wscast::raise_descriptor_limit() << std::endl;

  const wscast::TransportOptions options{
      .max_payload_length = arguments.max_payload_length,
      .idle_timeout = std::chrono::seconds(arguments.idle_seconds),
      .backpressure_limit = SIZE_MAX,  // Nothing is dropped: reading pauses instead.
  };
  net::Engine engine(arguments.shards, options, wscast::system_clock(),
                     [](net::Shard&) { return std::make_unique<Echo>(); });
  engine.start();
  for (const auto& endpoint : arguments.endpoints) listen(engine, endpoint);

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
