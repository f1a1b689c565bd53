// The program's HTTP client and what is built on it, driven line by line: a command is a JSON
// object on standard input, what it leads to a JSON object on standard output. `do` names the
// command, `n` is in what it leads to. See support/webhook.mjs.

#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include <nlohmann/json.hpp>

#include "wscast/redis.h"
#include "wscast/server.h"

#include "auth/jwks_refresh.h"
#include "auth/webhook_authentication.h"
#include "auth/webhook_rooms.h"
#include "http_client/http_client.h"
#include "logging.h"
#include "signals.h"
#include "webhook/webhook_events.h"

namespace wscast::program {
namespace {

using nlohmann::json;
using std::chrono::milliseconds;

void say(const json& said) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cout << said.dump() << std::endl;
}

/// Sets a field from the member of its name, if there is one.
template <class Value>
void read(const json& from, const char* name, Value& into) {
  if (from.contains(name)) into = from[name].get<Value>();
}

void read(const json& from, const char* name, milliseconds& into) {
  if (from.contains(name)) into = milliseconds(from[name].get<std::int64_t>());
}

WebhookAuthOptions webhook_auth_options(const json& from) {
  WebhookAuthOptions options;
  read(from, "url", options.url);
  read(from, "secrets", options.secrets);
  read(from, "timeout", options.timeout);
  read(from, "failures", options.breaker.failures);
  read(from, "open_for", options.breaker.open_for);
  return options;
}

WebhookOptions webhook_options(const json& from) {
  WebhookOptions options;
  read(from, "url", options.url);
  read(from, "secrets", options.secrets);
  read(from, "ca_file", options.ca_file);
  read(from, "types", options.types);
  read(from, "max_batch_events", options.max_batch_events);
  read(from, "max_delay", options.max_delay);
  read(from, "max_queue_events", options.max_queue_events);
  read(from, "timeout", options.timeout);
  read(from, "first_retry", options.first_retry);
  read(from, "longest_retry", options.longest_retry);
  read(from, "drain_time", options.drain_time);
  return options;
}

HttpRequest http_request(const json& from) {
  HttpRequest request;
  read(from, "url", request.url);
  read(from, "headers", request.headers);
  read(from, "timeout", request.timeout);
  read(from, "max_response_bytes", request.max_response_bytes);
  if (from.contains("body")) {
    request.method = HttpRequest::Method::post;
    request.body = from["body"].get<std::string>();
  }
  return request;
}

json said_of(const json& n, const HttpResult& result) {
  if (const auto* error = std::get_if<HttpError>(&result)) {
    return {{"n", n}, {"error", error->what}, {"cancelled", error->cancelled}};
  }
  const auto& response = std::get<HttpResponse>(result);
  json said{{"n", n}, {"status", response.status}, {"body", response.body}};
  if (response.retry_after) said["retryAfter"] = response.retry_after->count();
  return said;
}

json said_of(const json& n, const AuthOutcome& outcome) {
  if (const auto* failed = std::get_if<AuthFailed>(&outcome)) {
    return {{"n", n}, {"failed", failed->why}};
  }
  const auto& grant = std::get<std::optional<Grant>>(outcome);
  if (!grant) return {{"n", n}, {"rejected", true}};
  json said{{"n", n}, {"userId", grant->user_id}, {"rooms", grant->room_patterns}};
  said["metadata"] = grant->metadata;
  if (grant->expires_in) said["expiresInMs"] = grant->expires_in->count();
  return said;
}

using IdentityReply = Reply<std::optional<Identity>>;

void reply_with(const IdentityReply& reply, const AuthOutcome& outcome) {
  if (const auto* failed = std::get_if<AuthFailed>(&outcome)) {
    reply.fail(failed->why);
  } else if (const auto& grant = std::get<std::optional<Grant>>(outcome)) {
    reply(Identity{.user_id = grant->user_id, .metadata = Metadata::of(*grant)});
  } else {
    reply(std::nullopt);
  }
}

/// Lets `method` decide who clients are, and their grants which rooms they may join.
Hooks hooks_by(const std::shared_ptr<AuthMethod>& method) {
  Hooks hooks;
  hooks.authenticate = [method](const AuthenticateRequest& request, const IdentityReply& reply) {
    method->authenticate(request,
                         [reply](const AuthOutcome& outcome) { reply_with(reply, outcome); });
  };
  hooks.validate_rooms = [](const ValidateRoomsRequest& request) {
    std::vector<std::string> allowed(request.rooms.begin(), request.rooms.end());
    std::erase_if(allowed, [grant = request.metadata.get<Grant>()](const std::string& room) {
      return !grant->allows(room);
    });
    return allowed;
  };
  return hooks;
}

class Driver {
 public:
  void run(const json& command) {
    const auto what = command.at("do").get<std::string>();
    try {
      commands_.at(what)(command);
    } catch (const std::invalid_argument& error) {
      say({{"n", command.value("n", json())}, {"invalid", error.what()}});
    }
  }

 private:
  using Command = std::function<void(const json&)>;

  void make_client(const json& command) {
    HttpClientOptions options;
    read(command, "max_under_way", options.max_under_way);
    read(command, "max_waiting", options.max_waiting);
    read(command, "ca_file", options.ca_file);
    client_ = std::make_unique<HttpClient>(options);
  }

  void request(const json& command) {
    client_->submit(http_request(command),
                    [n = command["n"]](const HttpResult& result) { say(said_of(n, result)); });
  }

  void end_client(const json& command) {
    client_.reset();
    say({{"n", command["n"]}, {"ended", true}});
  }

  void authenticate(const json& command) {
    const std::string data = command["data"].dump();
    auth_->authenticate(
        {.client_id = "a-client", .data = Json::text(data)},
        [n = command["n"]](const AuthOutcome& outcome) { say(said_of(n, outcome)); });
  }

  void allowed(const json& command) {
    rooms_->allowed("a-client", "alice", R"({"team":7})",
                    command["rooms"].get<std::vector<std::string>>(),
                    [n = command["n"], this](const std::vector<std::string>& allowed) {
                      say({{"n", n}, {"rooms", allowed}});
                    });
  }

  /// A server whose clients the webhook authenticates.
  void serve(const json& command) {
    ServerOptions options;
    options.broker = memory_broker();
    options.shards = 1;
    options.hooks =
        hooks_by(std::make_shared<WebhookAuthentication>(*client_, webhook_auth_options(command)));
    server_ = std::make_unique<Server>(std::move(options));
    server_->configure();
    say({{"n", command["n"]}, {"address", server_->listen("127.0.0.1:0")}});
  }

  void push(const json& command) {
    const auto type = webhook_event_of(command["type"].get<std::string>()).value();
    const auto client = command.value("client", "");
    const auto user = command.value("user", "");
    const auto room = command.value("room", "");
    const auto data = command.contains("data") ? command["data"].dump() : "";
    const Json view = data.empty() ? Json() : Json::text(data);
    switch (type) {
      case WebhookEventType::connected:
        return events_->connected(client, user, command.value("address", ""));
      case WebhookEventType::disconnected:
        return events_->disconnected(client, user);
      case WebhookEventType::message:
        return events_->message(client, user, command.value("event", ""), view, Json());
      case WebhookEventType::publish:
        return events_->publish(client, user, view);
      case WebhookEventType::joined:
        return events_->joined(client, user, room);
      case WebhookEventType::left:
        return events_->left(client, user, room);
      case WebhookEventType::room_occupied:
        return events_->room_occupied(room);
      case WebhookEventType::room_vacated:
        return events_->room_vacated(room);
    }
  }

  void counts(const json& command) {
    const EventDeliveryCounts counts = events_->counts();
    say({{"n", command["n"]},
         {"pending", events_->pending()},
         {"delivered", counts.delivered},
         {"failures", counts.failures},
         {"lostFull", counts.lost_full},
         {"lostOld", counts.lost_old},
         {"lostGone", counts.lost_gone}});
  }

  void refresh_jwks(const json& command) {
    JwksRefreshOptions options;
    read(command, "url", options.url);
    read(command, "refresh", options.refresh);
    read(command, "min_interval", options.min_interval);
    read(command, "timeout", options.timeout);
    jwks_ = std::make_unique<JwksRefresh>(*client_, options,
                                          [](const std::string& text) -> std::vector<std::string> {
                                            if (text.find("bad") != std::string::npos)
                                              return {"keys[0]: bad."};
                                            say({{"keys", text}});
                                            return {};
                                          });
  }

  const std::map<std::string, Command> commands_ = {
      {"client", [this](const json& c) { make_client(c); }},
      {"request", [this](const json& c) { request(c); }},
      {"end client", [this](const json& c) { end_client(c); }},
      {"auth",
       [this](const json& c) {
         auth_ = std::make_unique<WebhookAuthentication>(*client_, webhook_auth_options(c));
       }},
      {"authenticate", [this](const json& c) { authenticate(c); }},
      {"auth failures",
       [this](const json& c) {
         say({{"n", c["n"]}, {"failures", auth_->failures()}});
       }},
      {"rooms",
       [this](const json& c) {
         rooms_ = std::make_unique<WebhookRooms>(*client_, webhook_auth_options(c));
       }},
      {"allowed", [this](const json& c) { allowed(c); }},
      {"rooms failures",
       [this](const json& c) {
         say({{"n", c["n"]}, {"failures", rooms_->failures()}});
       }},
      {"serve", [this](const json& c) { serve(c); }},
      {"events",
       [this](const json& c) { events_ = std::make_unique<WebhookEvents>(webhook_options(c)); }},
      {"push", [this](const json& c) { push(c); }},
      {"reload", [this](const json& c) { events_->reload(webhook_options(c)); }},
      {"counts", [this](const json& c) { counts(c); }},
      {"stop",
       [this](const json& c) {
         events_->stop();
         say({{"n", c["n"]}, {"stopped", true}});
       }},
      {"jwks", [this](const json& c) { refresh_jwks(c); }},
      {"first keys",
       [this](const json& c) {
         say({{"n", c["n"]}, {"accepted", jwks_->wait_for_first(milliseconds(10'000))}});
       }},
      {"demand",
       [this](const json& c) {
         jwks_->demand([n = c["n"]] { say({{"n", n}, {"demanded", true}}); });
       }},
  };

  std::unique_ptr<HttpClient> client_;  // Outlives what uses it.
  std::unique_ptr<WebhookAuthentication> auth_;
  std::unique_ptr<WebhookRooms> rooms_;
  std::unique_ptr<WebhookEvents> events_;
  std::unique_ptr<JwksRefresh> jwks_;
  std::unique_ptr<Server> server_;
};

}  // namespace
}  // namespace wscast::program

int main() {
  using namespace wscast::program;  // NOLINT(google-build-using-namespace)
  start_logging("debug", "text");
  release_log();
  const Signals signals;
  Driver driver;
  for (std::string line; std::getline(std::cin, line);) driver.run(nlohmann::json::parse(line));
  return 0;
}
