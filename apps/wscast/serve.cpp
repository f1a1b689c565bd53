#include "serve.h"

#include <iostream>
#include <memory>
#include <signal.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>
#include <vector>

#include "wscast/descriptor_limit.h"
#include "wscast/redis.h"
#include "wscast/server.h"

#include "admission.h"
#include "console.h"
#include "logging.h"
#include "publish.h"

namespace wscast::program {
namespace {

constexpr int kInterrupted = 130;

bool has_console(const ServeArguments& arguments) {
  return arguments.dev || arguments.console;
}

/// What the library cannot judge, or would say in words that are not the flags'.
void check(const ServeArguments& arguments) {
  if (arguments.dev && !arguments.tokens_file.empty()) {
    throw std::invalid_argument("--dev and --tokens exclude each other");
  }
  if (!arguments.dev && arguments.tokens_file.empty()) {
    throw std::invalid_argument(
        "serve needs --tokens FILE, which says who may come, or --dev to try it");
  }
  const std::string& path = arguments.options.path;
  if (path == "/health" || path == "/ready" || (has_console(arguments) && path == "/stats") ||
      (has_console(arguments) && path == "/")) {
    throw std::invalid_argument("--path: " + path + " is taken by a page");
  }
}

ServerOptions options_of(const ServeArguments& arguments) {
  check(arguments);
  ServerOptions options = arguments.options;
  const auto redis = arguments.redis.read();
  options.broker = redis ? redis_broker(*redis) : memory_broker();
  if (arguments.encryption != "off") options.encryption = ecdh();
  if (arguments.encryption == "optional") options.encryption->clients = Encryption::optional;
  options.http.health = true;
  options.http.ready = true;
  if (arguments.dev) {
    admit_anybody(options.hooks);
  } else {
    admit_by_tokens(options.hooks, Tokens::read(arguments.tokens_file));
  }
  if (has_console(arguments)) {
    options.http.stats = true;
    options.http.pages["/"] = console_page(options.path);
  }
  return options;
}

/// The message hook needs the server, which needs the hooks: it is told when there is one.
std::unique_ptr<Server> make_server(const ServeArguments& arguments) {
  auto self = std::make_shared<Server*>(nullptr);
  ServerOptions options = options_of(arguments);
  options.hooks.message = [self](const ClientMessage& message) {
    if (message.event == kPublish) publish(**self, message);
  };
  auto server = std::make_unique<Server>(std::move(options));
  *self = server.get();
  return server;
}

sigset_t block_ending_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signals;
}

void await(const sigset_t& signals) {
  int signal = 0;
  sigwait(&signals, &signal);
}

void configure(Server& server, const ServeArguments& arguments) {
  try {
    server.configure();
  } catch (const std::runtime_error& error) {
    if (arguments.redis.url.empty()) throw;
    throw std::runtime_error(std::string("--redis: ") + error.what());
  }
}

std::vector<std::string> listen(Server& server, const ServeArguments& arguments) {
  auto endpoints = arguments.endpoints;
  if (endpoints.empty()) endpoints.emplace_back(kDefaultEndpoint);
  std::vector<std::string> addresses;
  addresses.reserve(endpoints.size());
  for (const auto& endpoint : endpoints) addresses.push_back(server.listen(endpoint));
  return addresses;
}

void print_address(const ServeArguments& arguments, const std::string& address) {
  std::cout << "listening on " << address << std::endl;
  if (has_console(arguments) && !address.starts_with("unix:")) {
    std::cout << "open http://" << address << "/" << std::endl;
  }
}

}  // namespace

int serve(const ServeArguments& arguments) {
  start_logging(arguments.log_level, arguments.log_format);
  const sigset_t signals = block_ending_signals();
  ::signal(SIGPIPE, SIG_IGN);                                // Whoever reads our output may leave.
  const std::size_t descriptors = raise_descriptor_limit();  // How many clients there may be.
  const auto server = make_server(arguments);
  log_line(LogLevel::info, "descriptor limit " + std::to_string(descriptors));

  configure(*server, arguments);
  const auto addresses = listen(*server, arguments);
  release_log();
  for (const auto& address : addresses) print_address(arguments, address);

  await(signals);
  log_line(LogLevel::info, "shutting down");
  server->shutdown();
  // A second signal ends at once.
  std::thread([signals] {
    await(signals);
    _exit(kInterrupted);
  }).detach();
  server->wait();
  return 0;
}

}  // namespace wscast::program
