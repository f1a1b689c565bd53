#include "publish.h"

#include <string>

#include <spdlog/spdlog.h>

#include "wscast/constants.h"
#include "wscast/json_fields.h"

namespace wscast::program {
namespace {

void refuse(const ClientMessage& message, std::string_view reason) {
  spdlog::debug("publish of client {} refused: {}", message.client_id, reason);
}

}  // namespace

void publish(Server& server, const ClientMessage& message) {
  const auto fields = JsonFields::of(message.data);
  const auto room = fields ? fields->string("room") : std::nullopt;
  const auto event = fields ? fields->string("event") : std::nullopt;
  if (!room || room->empty() || !event || event->empty()) {
    return refuse(message, "invalid publish");
  }
  // Nobody forges the server's own words.
  if (events::is_valid(*event)) return refuse(message, "reserved event");
  if (!server.in_room(message.client_id, *room)) return refuse(message, "not a member");
  // In the room of its own id a client is alone: there is nobody else to tell.
  if (*room == message.client_id) return;

  const Json data = fields->raw("data");
  const std::error_code error =
      server.send({.destination = *room,
                   .payload = {.topic = *event, .data = data.present() ? data : Json::text("null")},
                   .exclude = {std::string(message.client_id)}});
  if (error) refuse(message, error.message());
}

}  // namespace wscast::program
