#include "handlers.h"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "wscast/json_fields.h"
#include "wscast/owned_request.h"

namespace wscast::bench {
namespace {

/// What a load's messages arrive as.
constexpr std::string_view kEvent = "bench";

std::optional<Identity> authenticate(const AuthenticateRequest& request) {
  const auto fields = JsonFields::of(request.data);
  const auto token = fields ? fields->string("token") : std::nullopt;
  if (!token || token->empty()) return std::nullopt;
  return Identity{.user_id = fields->string("userId").value_or(*token)};
}

std::vector<std::string> allow_all(const ValidateRoomsRequest& request) {
  return {request.rooms.begin(), request.rooms.end()};
}

std::optional<std::string> room_of(Json data) {
  const auto fields = JsonFields::of(data);
  return fields ? fields->string("room") : std::nullopt;
}

void on_message(Server& server, const ClientMessage& message) {
  if (message.event == "echo") {
    server.send_to_client(
        {.client_id = message.client_id, .event = message.event, .data = message.data});
  } else if (message.event == "pub") {
    if (const auto room = room_of(message.data)) {
      server.send({.destination = *room, .event = kEvent, .data = message.data});
    }
  } else if (message.event == "pubx") {
    if (const auto room = room_of(message.data)) {
      server.send_to_room({.room = *room,
                           .event = kEvent,
                           .data = message.data,
                           .exclude = {std::string(message.client_id)}});
    }
  }
}

/// `decide`, but its answer comes later and from another thread.
template <class Request, class Answer, class Decide>
Hook<Request, Answer> delayed(DelayLine& line, Decide decide) {
  return [&line, decide](const Request& request, Reply<Answer> reply) {
    const auto kept = std::make_shared<OwnedRequest<Request>>(request);
    line.later([kept, decide, reply = std::move(reply)] {
      if constexpr (std::is_void_v<Answer>) {
        decide(**kept);
        reply();
      } else {
        reply(decide(**kept));
      }
    });
  };
}

}  // namespace

Hooks handlers(const std::unique_ptr<Server>& server, DelayLine* line) {
  const auto message = [&server](const ClientMessage& got) { on_message(*server, got); };
  Hooks hooks{.authenticate = authenticate, .validate_rooms = allow_all, .message = message};
  if (line != nullptr) {
    hooks.authenticate = delayed<AuthenticateRequest, std::optional<Identity>>(*line, authenticate);
    hooks.validate_rooms =
        delayed<ValidateRoomsRequest, std::vector<std::string>>(*line, allow_all);
    hooks.message = delayed<ClientMessage, void>(*line, message);
  }
  return hooks;
}

void delay_slow_events(const std::unique_ptr<Server>& server, Hooks& hooks, DelayLine& line) {
  hooks.message = [&server, &line](const ClientMessage& message, Reply<void> reply) {
    if (message.event == "slow") return line.later([reply = std::move(reply)] { reply(); });
    on_message(*server, message);
    reply();
  };
}

}  // namespace wscast::bench
