// A server whose handlers load tools drive, on wscast's public API alone. See docs/benchmarks.md.

#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <signal.h>
#include <string>

#include <CLI/CLI.hpp>

#include "wscast/descriptor_limit.h"
#include "wscast/redis.h"
#include "wscast/server.h"

#include "arguments.h"
#include "delay_line.h"
#include "handlers.h"

namespace {

using namespace wscast;

sigset_t block_ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void listen(Server& server, bench::Arguments& arguments) {
  if (arguments.endpoints.empty() && arguments.tls_endpoints.empty()) {
    arguments.endpoints.emplace_back("127.0.0.1:9002");
  }
  for (const auto& endpoint : arguments.endpoints) {
    std::cout << "listening on " << server.listen(endpoint) << std::endl;
  }
  ListenOptions options{.tls = arguments.tls};
  options.tls->self_signed = options.tls->certificates.front().certificate.empty();
  if (options.tls->self_signed) options.tls->certificates.clear();
  for (const auto& endpoint : arguments.tls_endpoints) {
    std::cout << "listening on " << server.listen(endpoint, options) << " (TLS)" << std::endl;
  }
}

void serve(bench::Arguments& arguments) {
  const sigset_t signals = block_ending_signals();
  raise_descriptor_limit();

  std::unique_ptr<Server> server;
  std::optional<bench::DelayLine> line;  // Ends before the server that its tasks call.
  if (arguments.hook_delay.count() > 0) line.emplace(arguments.hook_delay);
  std::optional<bench::DelayLine> slow_line;
  if (arguments.slow_event_delay.count() > 0) slow_line.emplace(arguments.slow_event_delay);
  arguments.server.http.stats = true;
  arguments.server.broker =
      arguments.redis.empty() ? memory_broker() : redis_broker({.url = arguments.redis});
  arguments.server.hooks = bench::handlers(server, line ? &*line : nullptr);
  if (slow_line) bench::delay_slow_events(server, arguments.server.hooks, *slow_line);
  server = std::make_unique<Server>(arguments.server);
  server->configure();
  listen(*server, arguments);

  int signal = 0;
  sigwait(&signals, &signal);
  server->shutdown();
  server->wait();
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"The handlers that load tools drive, on wscast", "bench-app"};
  bench::Arguments arguments;
  bench::add_arguments(app, arguments);
  try {
    app.parse(argc, argv);
    serve(arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const std::exception& error) {
    std::cerr << "bench-app: " << error.what() << "\n";
    return 2;
  }
}
