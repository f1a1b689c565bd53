#include "serve.h"

#include <iostream>
#include <memory>
#include <signal.h>
#include <stdexcept>
#include <thread>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include "wscast/descriptor_limit.h"
#include "wscast/json_fields.h"
#include "wscast/log.h"
#include "wscast/server.h"

#include "duration.h"
#include "publish.h"

extern const std::string_view embedded_page;

namespace wscast::program {
namespace {

constexpr const char* kDefaultEndpoint = "127.0.0.1:8080";
constexpr int kInterrupted = 130;

void add_duration(CLI::App& app, const std::string& name, std::chrono::milliseconds& into,
                  std::chrono::milliseconds preset, const std::string& help) {
  into = preset;
  app.add_option_function<std::string>(
         name,
         [&into, name](const std::string& text) {
           const auto duration = parse_duration(text);
           if (!duration) throw CLI::ValidationError(name, "\"" + text + "\" is no duration");
           into = *duration;
         },
         help + ", such as 500ms, 5s or 2m")
      ->default_str(std::to_string(preset.count()) + "ms");
}

/// Standard output is for the addresses; everything else goes to standard error.
void start_logging(const std::string& level) {
  spdlog::set_default_logger(spdlog::stderr_logger_mt("wscast"));
  spdlog::set_pattern("%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  spdlog::set_level(spdlog::level::from_str(level));
  const auto sink = [](LogLevel at, std::string_view message) {
    constexpr spdlog::level::level_enum levels[] = {spdlog::level::debug, spdlog::level::info,
                                                    spdlog::level::warn, spdlog::level::err};
    spdlog::log(levels[static_cast<std::size_t>(at)], "{}", message);
  };
  set_log_sink(sink, level == "debug" ? LogLevel::debug : LogLevel::info);
}

/// With --dev any non-empty token will do; the user is `data.userId`, or else the token.
std::optional<Identity> authenticate_anybody(const AuthenticateRequest& request) {
  const auto fields = JsonFields::of(request.data);
  const auto token = fields ? fields->string("token") : std::nullopt;
  if (!token || token->empty()) return std::nullopt;
  return Identity{.user_id = fields->string("userId").value_or(*token)};
}

std::vector<std::string> allow_every_room(const ValidateRoomsRequest& request) {
  return {request.rooms.begin(), request.rooms.end()};
}

StaticPage page() {
  return {.body = std::string(embedded_page),
          .headers = {{"Content-Security-Policy",
                       "default-src 'self'; script-src 'unsafe-inline'; style-src "
                       "'unsafe-inline'; connect-src 'self' ws: wss:"}}};
}

ServerOptions options_of(const ServeArguments& arguments) {
  ServerOptions options;
  options.broker = memory_broker();
  options.path = arguments.path;
  options.shards = arguments.shards;
  options.session.auth_timeout = arguments.auth_timeout;
  options.session.heartbeat_interval = arguments.heartbeat_interval;
  options.session.heartbeat_timeout = arguments.heartbeat_timeout;
  options.transport.idle_timeout = arguments.idle_timeout;
  options.transport.max_payload_length = arguments.max_payload_length;
  options.hooks.authenticate = authenticate_anybody;
  options.hooks.validate_rooms = allow_every_room;
  options.http.pages["/"] = page();
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

/// The first signal shuts down, a second one ends at once.
void watch_signals(Server& server, sigset_t signals) {
  int signal = 0;
  sigwait(&signals, &signal);
  spdlog::info("shutting down");
  server.shutdown();
  sigwait(&signals, &signal);
  _exit(kInterrupted);
}

void print_address(const std::string& address) {
  std::cout << "listening on " << address << std::endl;
  if (!address.starts_with("unix:")) std::cout << "open http://" << address << "/" << std::endl;
}

}  // namespace

CLI::App* add_serve(CLI::App& app, ServeArguments& arguments) {
  const SessionOptions session;
  const TransportOptions transport;
  arguments.path = defaults::path;
  arguments.max_payload_length = transport.max_payload_length;

  CLI::App* serve = app.add_subcommand("serve", "Serve clients");
  serve
      ->add_option("--listen", arguments.endpoints,
                   "Address to take connections at: HOST:PORT, [IPV6]:PORT or unix:PATH; may be "
                   "given several times")
      ->default_str(kDefaultEndpoint);
  serve->add_flag("--dev", arguments.dev,
                  "For trying out: any non-empty token authenticates, every room is allowed, and "
                  "a page to talk from is served at /");
  serve->add_option("--path", arguments.path, "Where WebSocket connections are taken")
      ->capture_default_str();
  serve->add_option("--shards", arguments.shards, "Threads that serve clients; 0: one a core")
      ->capture_default_str();
  serve
      ->add_option("--max-payload-length", arguments.max_payload_length,
                   "The longest message a client may send, such as 128KiB")
      ->transform(CLI::AsSizeValue(false))
      ->capture_default_str();
  add_duration(*serve, "--auth-timeout", arguments.auth_timeout, session.auth_timeout,
               "How long a client may take to authenticate");
  add_duration(*serve, "--heartbeat-interval", arguments.heartbeat_interval,
               session.heartbeat_interval, "How often silent clients are looked for");
  add_duration(*serve, "--heartbeat-timeout", arguments.heartbeat_timeout,
               session.heartbeat_timeout, "How long an authenticated client may be silent");
  add_duration(*serve, "--idle-timeout", arguments.idle_timeout, transport.idle_timeout,
               "How long a connection may bring no byte (0: for ever)");
  serve->add_option("--log-level", arguments.log_level, "What is logged to standard error")
      ->check(CLI::IsMember({"debug", "info", "warn", "error", "off"}))
      ->capture_default_str();
  return serve;
}

int serve(const ServeArguments& arguments) {
  if (!arguments.dev) {
    throw std::invalid_argument("serve needs --dev: no other way to authenticate exists yet");
  }
  start_logging(arguments.log_level);
  const sigset_t signals = block_ending_signals();
  spdlog::info("descriptor limit {}", raise_descriptor_limit());

  const auto server = make_server(arguments);
  server->configure();
  if (arguments.endpoints.empty()) print_address(server->listen(kDefaultEndpoint));
  for (const auto& endpoint : arguments.endpoints) print_address(server->listen(endpoint));

  std::thread(watch_signals, std::ref(*server), signals).detach();
  server->wait();
  return 0;
}

}  // namespace wscast::program
