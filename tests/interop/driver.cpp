// wscast, driven as support/reference.mjs lets the reference be:
//
//     interop_driver server|emitter REDIS_URL exact|patterns [encrypted]

#include <iostream>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "wscast/ecdh.h"
#include "wscast/emitter.h"
#include "wscast/json_fields.h"
#include "wscast/redis.h"
#include "wscast/server.h"

namespace {

using json = nlohmann::ordered_json;

void say(const json& said) {
  static std::mutex mutex;
  const std::lock_guard lock(mutex);
  std::cout << said.dump() << std::endl;
}

void answer(const json& n, std::error_code error) {
  json said{{"n", n}};
  if (error) said["error"] = error.message();
  say(said);
}

/// A call's options as they were written, for as long as the call.
class Options {
 public:
  explicit Options(json options) : options_(std::move(options)) {}

  std::string text(const char* name) const { return options_.value(name, ""); }

  /// The text of member `name`, which a Json looks at; empty when there is none.
  std::string member(const char* name) const {
    return options_.contains(name) ? options_[name].dump() : "";
  }

  Options inside(const char* name) const { return Options(options_.value(name, json::object())); }

  std::optional<std::vector<std::string>> exclude() const {
    if (!options_.contains("exclude")) return std::nullopt;
    return options_["exclude"].get<std::vector<std::string>>();
  }

 private:
  json options_;
};

wscast::Json json_of(const std::string& text) {
  return text.empty() ? wscast::Json() : wscast::Json::text(text);
}

std::error_code send(wscast::Server& server, const Options& options) {
  const std::string destination = options.text("destination");
  const Options payload = options.inside("payload");
  const std::string event = payload.text("topic");
  const std::string data = payload.member("data");
  return server.send({.destination = destination,
                      .event = event,
                      .data = json_of(data),
                      .exclude = options.exclude().value_or(std::vector<std::string>())});
}

std::error_code call(wscast::Server& server, const std::string& name, const Options& options) {
  if (name == "send") return send(server, options);
  const std::string event = options.text("event");
  const std::string text = options.member("data");
  const auto data = json_of(text);
  const auto exclude = options.exclude().value_or(std::vector<std::string>());
  if (name == "sendToRoom") {
    const std::string room = options.text("room");
    return server.send_to_room({.room = room, .event = event, .data = data, .exclude = exclude});
  }
  if (name == "sendToUser") {
    const std::string user = options.text("userId");
    return server.send_to_user({.user_id = user, .event = event, .data = data});
  }
  if (name == "sendToClient") {
    const std::string client = options.text("clientId");
    return server.send_to_client({.client_id = client, .event = event, .data = data}).error();
  }
  return server.broadcast({.event = event, .data = data, .exclude = exclude});
}

std::error_code call(wscast::Emitter& emitter, const std::string& name, const Options& options,
                     wscast::OnEmitted on_result) {
  const std::string event = options.text("event");
  const std::string text = options.member("data");
  const auto data = json_of(text);
  if (name == "toRoom") {
    const std::string room = options.text("room");
    return emitter.to_room({.room = room,
                            .event = event,
                            .data = data,
                            .exclude = options.exclude(),
                            .on_result = std::move(on_result)});
  }
  if (name == "toUser") {
    const std::string user = options.text("userId");
    return emitter.to_user(
        {.user_id = user, .event = event, .data = data, .on_result = std::move(on_result)});
  }
  if (name == "toClient") {
    const std::string client = options.text("clientId");
    return emitter.to_client(
        {.client_id = client, .event = event, .data = data, .on_result = std::move(on_result)});
  }
  return emitter.broadcast({.event = event, .data = data, .on_result = std::move(on_result)});
}

wscast::Hooks hooks(wscast::Server*& server) {
  wscast::Hooks hooks;
  hooks.authenticate =
      [](const wscast::AuthenticateRequest& request) -> std::optional<wscast::Identity> {
    const auto fields = wscast::JsonFields::of(request.data);
    auto token = fields ? fields->string("token").value_or("") : "";
    if (token.empty()) return std::nullopt;
    return wscast::Identity{.user_id = std::move(token)};
  };
  hooks.validate_rooms = [](const wscast::ValidateRoomsRequest& request) {
    return std::vector<std::string>(request.rooms.begin(), request.rooms.end());
  };
  hooks.message = [&server](const wscast::ClientMessage& message) {
    if (message.event == "send") send(*server, Options(json::parse(message.data.view())));
  };
  return hooks;
}

void serve(const wscast::RedisOptions& redis, bool encrypted) {
  wscast::Server* self = nullptr;
  wscast::ServerOptions options{.broker = wscast::redis_broker(redis), .hooks = hooks(self)};
  options.shards = 2;
  if (encrypted) options.encryption = wscast::ecdh({.clients = wscast::Encryption::optional});
  wscast::Server server(std::move(options));
  self = &server;
  server.configure();
  say({{"ready", server.listen("127.0.0.1:0")}});
  for (std::string line; std::getline(std::cin, line);) {
    const json asked = json::parse(line);
    answer(asked["n"], call(server, asked["call"], Options(asked["with"])));
  }
}

void emit(const wscast::RedisOptions& redis) {
  wscast::Emitter emitter({.redis = redis});
  emitter.configure();
  say({{"ready", ""}});
  for (std::string line; std::getline(std::cin, line);) {
    const json asked = json::parse(line);
    const auto on_result = [n = asked["n"]](const wscast::EmitResult& result) {
      answer(n, result.error);
    };
    const auto error = call(emitter, asked["call"], Options(asked["with"]), on_result);
    if (error) answer(asked["n"], error);
  }
}

}  // namespace

int main(int argc, char** argv) try {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  wscast::RedisOptions redis{.url = arguments.at(1)};
  if (arguments.at(2) == "patterns") redis.subscribe = wscast::RedisSubscribe::patterns;
  const bool encrypted = arguments.size() > 3 && arguments[3] == "encrypted";
  arguments.at(0) == "server" ? serve(redis, encrypted) : emit(redis);
} catch (const std::exception& error) {
  std::cerr << "interop_driver: " << error.what() << std::endl;
  return 1;
}
