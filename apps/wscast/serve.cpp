#include "serve.h"

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <exception>
#include <iostream>
#include <memory>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <vector>

#include "wscast/descriptor_limit.h"
#include "wscast/redis.h"
#include "wscast/server.h"

#include "auth/admission.h"
#include "console.h"
#include "logging.h"
#include "publish.h"
#include "quantity.h"
#include "signals.h"
#include "systemd.h"

namespace wscast::program {
namespace {

/// At least what an envelope adds to a message on its way to other servers.
constexpr std::size_t kEnvelopeBytes = 256;

bool has_console(const ServeArguments& arguments) {
  return arguments.dev || arguments.console;
}

/// Rejects flags that apply to none of the addresses.
void check_endpoints(const ServeArguments& arguments) {
  const auto none_starts_with = [&arguments](std::string_view start) {
    const auto starts = [start](const std::string& endpoint) {
      return endpoint.starts_with(start);
    };
    return std::ranges::none_of(arguments.endpoints, starts) &&
           std::ranges::none_of(arguments.tls_endpoints, starts);
  };
  const auto refuse_without = [](const std::string& flag, const char* endpoint) {
    throw std::invalid_argument(flag + " needs --listen " + endpoint);
  };
  const ListenOptions& listen = arguments.listen;
  if (listen.unix_mode && none_starts_with("unix:")) refuse_without("--unix-mode", "unix:PATH");
  if (!listen.unix_group.empty() && none_starts_with("unix:")) {
    refuse_without("--unix-group", "unix:PATH");
  }
  if (!listen.ipv6_only && none_starts_with("[")) refuse_without("--dual-stack", "[IPV6]:PORT");
  const std::string tls_flag = arguments.tls.flag_given();
  if (arguments.tls_endpoints.empty() && !tls_flag.empty()) {
    throw std::invalid_argument(tls_flag + " needs --listen-tls ADDRESS");
  }
  if (!arguments.tls_endpoints.empty()) static_cast<void>(arguments.tls.read(arguments.dev));
}

/// Checks what the library cannot, or reports without the names of flags.
void check(const ServeArguments& arguments) {
  if (arguments.dev && !arguments.tokens_file.empty()) {
    throw std::invalid_argument("--dev and --tokens exclude each other");
  }
  if (!arguments.dev && arguments.tokens_file.empty()) {
    throw std::invalid_argument(
        "serve needs --tokens FILE, which says who may connect, or --dev to try it");
  }
  check_endpoints(arguments);
  if (arguments.listen.proxy_protocol && arguments.options.transport.trusted_proxies.empty()) {
    throw std::invalid_argument("--proxy-protocol needs --trusted-proxy");
  }
  const std::string& path = arguments.options.path;
  if (path == "/health" || path == "/ready" || (has_console(arguments) && path == "/stats") ||
      (has_console(arguments) && path == "/")) {
    throw std::invalid_argument("--path: " + path + " is the path of a page");
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

/// The message hook needs the server, which is made from the hooks: `self` is set in between.
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

void configure(Server& server, const ServeArguments& arguments) {
  try {
    server.configure();
  } catch (const std::runtime_error& error) {
    if (arguments.redis.url.empty()) throw;
    throw std::runtime_error(std::string("--redis: ") + error.what());
  }
}

/// An address that the server listens at.
struct Address {
  std::string text;
  bool tls = false;
};

std::vector<Address> listen(Server& server, const ServeArguments& arguments) {
  auto endpoints = arguments.endpoints;
  if (endpoints.empty() && arguments.tls_endpoints.empty())
    endpoints.emplace_back(kDefaultEndpoint);
  std::vector<Address> addresses;
  for (const auto& endpoint : endpoints) {
    addresses.push_back({.text = server.listen(endpoint, arguments.listen)});
  }
  if (arguments.tls_endpoints.empty()) return addresses;
  ListenOptions options = arguments.listen;
  options.tls = arguments.tls.read(arguments.dev);
  for (const auto& endpoint : arguments.tls_endpoints) {
    addresses.push_back({.text = server.listen(endpoint, options), .tls = true});
  }
  return addresses;
}

/// Warns when a client may send what cannot be published to other servers.
void warn_of_long_messages(const ServeArguments& arguments) {
  const std::size_t payload = arguments.options.transport.max_payload_length;
  const std::size_t publish = arguments.redis.options.max_publish_bytes;
  if (arguments.redis.url.empty() || payload + kEnvelopeBytes <= publish) return;
  log_line(LogLevel::warning,
           "--max-payload-length " + size_text(payload) + " lets clients send more than " +
               "--redis-max-publish-bytes " + size_text(publish) + " passes on, with " +
               std::to_string(kEnvelopeBytes) +
               " bytes around each message: a longer publish is rejected, \"message too big\"");
}

/// Configures and listens; returns the addresses.
std::vector<Address> start(Server& server, const ServeArguments& arguments) {
  warn_of_long_messages(arguments);
  // Show why it waits for Redis.
  if (arguments.redis.options.startup_wait.count() > 0) release_log();
  configure(server, arguments);
  return listen(server, arguments);
}

void print_address(const ServeArguments& arguments, const Address& address) {
  std::cout << "listening on " << address.text << (address.tls ? " (TLS)" : "") << std::endl;
  if (has_console(arguments) && !address.text.starts_with("unix:")) {
    std::cout << "open http" << (address.tls ? "s" : "") << "://" << address.text << "/"
              << std::endl;
  }
}

/// A shutdown takes so long at most.
constexpr std::chrono::seconds kShutdownTime{10};

/// Ends the server as the signal asks for.
void end(Server& server, Signals::End how, const DrainOptions& drain, Systemd& systemd) {
  if (how == Signals::End::soon) {
    systemd.stopping("Shutting down", kShutdownTime);
    return server.shutdown();
  }
  systemd.stopping("Draining", drain.delay + drain.time + kShutdownTime);
  server.drain(drain);
}

/// Lets systemd know from now on how the server is.
void watch(Systemd& systemd, const std::weak_ptr<Server>& server) {
  const auto healthy = [server] {
    const auto running = server.lock();
    return !running || running->healthy();
  };
  const auto status = [server] {
    const auto running = server.lock();
    const std::size_t clients = running ? running->client_count() : 0;
    return std::to_string(clients) + (clients == 1 ? " client" : " clients");
  };
  systemd.ready(healthy, status);
}

}  // namespace

int serve(const ServeArguments& arguments) {
  start_logging(arguments.log_level, arguments.log_format);
  Systemd systemd;
  Signals signals;
  Systemd::starting("Starting");
  ::signal(SIGPIPE, SIG_IGN);  // The reader of our output may close it.
  const std::size_t descriptors = raise_descriptor_limit();  // It limits the clients.
  const std::shared_ptr<Server> server = make_server(arguments);
  signals.on_end(
      [&systemd, weak = std::weak_ptr<Server>(server), drain = arguments.drain](Signals::End how) {
        if (const auto running = weak.lock()) end(*running, how, drain, systemd);
      });
  log_line(LogLevel::info, "descriptor limit " + std::to_string(descriptors));

  if (!arguments.tls.certificates.empty()) {
    signals.on_reload([weak = std::weak_ptr<Server>(server)] {
      const auto running = weak.lock();
      if (running) Systemd::reloading([&running] { running->reload_certificates(); });
    });
  }
  std::vector<Address> addresses;
  try {
    addresses = start(*server, arguments);
  } catch (const std::exception&) {
    if (!signals.ended()) throw;
  }
  release_log();
  for (const auto& address : addresses) print_address(arguments, address);
  watch(systemd, server);
  server->wait();
  return 0;
}

}  // namespace wscast::program
