#include "serve.h"

#include <chrono>
#include <cstddef>
#include <exception>
#include <functional>
#include <iostream>
#include <memory>
#include <signal.h>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "wscast/descriptor_limit.h"
#include "wscast/handed_over_connection.h"
#include "wscast/redis.h"
#include "wscast/server.h"

#include "api/admin_page.h"
#include "api/api.h"
#include "api/http_server.h"
#include "api/https_context.h"
#include "api/origin.h"
#include "auth/admission.h"
#include "auth/admission_rules.h"
#include "auth/revocation.h"
#include "logging.h"
#include "publish.h"
#include "quantity.h"
#include "reload.h"
#include "rooms/room_rate_limiter.h"
#include "server_options.h"
#include "signals.h"
#include "systemd.h"
#include "webhook/event_hooks.h"
#include "webhook/webhook_events.h"
#include "webhook_arguments.h"

namespace wscast::program {
namespace {

/// At least what an envelope adds to a message on its way to other servers.
constexpr std::size_t kEnvelopeBytes = 256;

/// Who serves the API where clients connect: set before the server listens.
struct MainPort {
  std::function<void(HandedOverConnection)> take;
};

/// What hooks use.
struct HookParts {
  std::shared_ptr<Admission> admission;
  std::shared_ptr<RoomRateLimiter> room_rates;
  std::shared_ptr<WebhookEvents> events;  ///< Null: none are sent.
  std::shared_ptr<OtherServers> others;
  std::shared_ptr<MainPort> main_port;
};

/// The message hook needs the server, which is made from the hooks: `self` is set in between.
std::unique_ptr<Server> make_server(const ServeArguments& arguments, const HookParts& parts) {
  auto self = std::make_shared<Server*>(nullptr);
  ServerOptions options = server_options(arguments);
  const auto redis = arguments.redis.read();
  options.broker = redis ? redis_broker(*redis) : memory_broker();
  Admission::install(parts.admission, options.hooks);
  options.hooks.message = [self, parts](const ClientMessage& message) {
    const auto& events = parts.events;
    if (message.event != kPublish) {
      if (!events) return;
      events->message(message.client_id, message.user_id, message.event, message.data, message.id);
    } else if (publish(**self, *parts.admission, *parts.room_rates, message) && events) {
      events->publish(message.client_id, message.user_id, message.data);
    }
  };
  options.announce = redis.has_value();
  options.hooks.server_call = [others = parts.others](const ServerCallRequest& call,
                                                      const Reply<std::string>& reply) {
    others->serve(call, reply);
  };
  if (parts.events) send_events(options.hooks, parts.events);
  if (arguments.api.main_port) {
    options.http.handover.paths = arguments.api.paths();
    options.http.handover.take = [to = parts.main_port](HandedOverConnection connection) {
      to->take(std::move(connection));
    };
  }
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
  options.tls = arguments.tls.read();
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
  log_line(LogLevel::warning, "configuration_warning",
           "--max-payload-length " + size_text(payload) + " lets clients send more than " +
               "--redis-max-publish-bytes " + size_text(publish) + " passes on, with " +
               std::to_string(kEnvelopeBytes) +
               " bytes around each message: a longer publish is rejected, \"message too big\"");
}

/// Throws ConfigurationError for what is wrong.
std::shared_ptr<const Configuration> load(const ConfigurationSources& sources) {
  auto configuration = std::make_shared<const Configuration>(sources);
  if (!configuration->faults().empty()) throw ConfigurationError(configuration->faults());
  return configuration;
}

/// Configures and listens; returns the addresses.
std::vector<Address> start(Server& server, const ServeArguments& arguments) {
  warn_of_long_messages(arguments);
  // Show why it waits for Redis.
  if (arguments.redis.options.startup_wait.count() > 0) release_log();
  configure(server, arguments);
  apply_revocations(server, {}, arguments.revoked);
  return listen(server, arguments);
}

void print_address(const ServeArguments& arguments, const Address& address) {
  std::cout << "listening on " << address.text << (address.tls ? " (TLS)" : "") << std::endl;
  if (arguments.has_console() && !address.text.starts_with("unix:")) {
    std::cout << "open http" << (address.tls ? "s" : "") << "://" << address.text << "/"
              << std::endl;
  }
}

/// Returns the URLs.
std::vector<std::string> listen(HttpServer& server, const ApiArguments& arguments,
                                const std::shared_ptr<const HttpsContext>& https) {
  std::vector<std::string> urls;
  for (const auto& endpoint : arguments.endpoints) {
    urls.push_back("http://" + server.listen(endpoint));
  }
  for (const auto& endpoint : arguments.tls_endpoints) {
    urls.push_back("https://" + server.listen(endpoint, https));
  }
  return urls;
}

/// The URLs of the API where clients connect.
std::vector<std::string> main_port_urls(const std::vector<Address>& addresses) {
  std::vector<std::string> urls;
  for (const auto& address : addresses) {
    if (address.text.starts_with("unix:")) continue;
    urls.push_back((address.tls ? "https://" : "http://") + address.text);
  }
  return urls;
}

void print_api_url(const ApiArguments& arguments, const std::string& url) {
  std::cout << "API at " << url << std::endl;
  if (arguments.admin) std::cout << "admin page at " << url << "/admin" << std::endl;
}

std::shared_ptr<Api> make_api(Server& server, const ApiArguments& arguments,
                              const HookParts& parts) {
  const auto metrics = [&server, events = parts.events, room_rates = parts.room_rates,
                        admission = parts.admission] {
    return Metrics{.stats = server.stats(),
                   .measured = server.measurements(),
                   .events = events ? events->counts() : EventDeliveryCounts{},
                   .event_requests_ns = events ? events->requests_ns() : Distribution{},
                   .events_pending = events ? events->pending() : 0,
                   .publishes_over_room_rate = room_rates->refused(),
                   .token_rejections = admission->rejections(),
                   .healthy = server.healthy()};
  };
  return std::make_shared<Api>(
      ApiParts{server, std::make_shared<Idempotency>([&server](const Store& call) {
                 return server.store(call);
               }),
               metrics, parts.others},
      arguments.all_keys());
}

/// Lets the API and the other servers call each other.
void connect(OtherServers& others, Server& server, const std::shared_ptr<Api>& api,
             const HttpServer& api_server) {
  others.connect({.server = server,
                  .post = api_server.post(),
                  .handle = [weak = std::weak_ptr<Api>(api)](const ApiRequest& request,
                                                             const std::string& key_name,
                                                             const Respond& respond) {
                    const auto running = weak.lock();
                    if (running != nullptr) running->handle_for_other(request, key_name, respond);
                  }});
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

int serve(const ConfigurationSources& sources) {
  auto configuration = load(sources);
  const ServeArguments& arguments = configuration->arguments();
  start_logging(arguments.log_level, arguments.log_format);
  Systemd systemd;
  Signals signals;
  Systemd::starting("Starting");
  ::signal(SIGPIPE, SIG_IGN);  // The reader of our output may close it.
  for (const auto& warning : configuration->warnings())
    log_line(LogLevel::warning, "configuration_warning", warning);
  const std::size_t descriptors = raise_descriptor_limit();  // It limits the clients.
  const auto client = admission_client(arguments);
  const auto admission = std::make_shared<Admission>(admission_rules(arguments, client));
  const auto events = webhook_events(arguments);
  const auto room_rates = std::make_shared<RoomRateLimiter>(arguments.room_publish_rate);
  const HookParts parts{admission, room_rates, events, std::make_shared<OtherServers>(),
                        std::make_shared<MainPort>()};
  const std::shared_ptr<Server> server = make_server(arguments, parts);
  signals.on_end(
      [&systemd, weak = std::weak_ptr<Server>(server), drain = arguments.drain](Signals::End how) {
        if (const auto running = weak.lock()) end(*running, how, drain, systemd);
      });
  log_line(LogLevel::info, "descriptor_limit", "descriptor limit " + std::to_string(descriptors));
  const auto api = make_api(*server, arguments.api, parts);
  AdminPage admin_page(*api, arguments.api.admin);
  OriginFilter origin_filter(admin_page, arguments.api.origins);
  HttpServer api_server(origin_filter, arguments.api.limits);
  connect(*parts.others, *server, api, api_server);
  parts.main_port->take = api_server.adopt();
  const auto https = arguments.api.tls_endpoints.empty()
                         ? nullptr
                         : std::make_shared<HttpsContext>(arguments.api.certificate,
                                                          arguments.api.certificate_key);
  if (const auto reload =
          std::make_shared<Reload>(sources, configuration, server,
                                   Reloaded{client, admission, events, room_rates, api, https});
      reload->anything()) {
    signals.on_reload([reload] { Systemd::reloading([&reload] { reload->run(); }); });
  }
  std::vector<Address> addresses;
  std::vector<std::string> api_urls;
  try {
    api_urls = listen(api_server, arguments.api, https);
    addresses = start(*server, arguments);
    api_server.start();
  } catch (const std::exception&) {
    if (!signals.ended()) throw;
  }
  release_log();
  for (const auto& address : addresses) print_address(arguments, address);
  for (const auto& url : api_urls) print_api_url(arguments.api, url);
  if (arguments.api.main_port) {
    for (const auto& url : main_port_urls(addresses)) print_api_url(arguments.api, url);
  }
  watch(systemd, server);
  server->wait();
  if (events) events->stop();
  return 0;
}

}  // namespace wscast::program
