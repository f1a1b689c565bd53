#include "chat.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include "wscast/json_fields.h"

namespace chat {
namespace {

using wscast::json_of;

constexpr std::size_t kMaxHistory = 50;

/// The string `name` in the data of a message; empty if there is none.
std::string field(const wscast::ClientMessage& message, std::string_view name) {
  const auto fields = wscast::JsonFields::of(message.data);
  return fields ? fields->string(name).value_or("") : "";
}

bool is_room(std::string_view room, const Person& person) {
  return room == "general" || room == "random" || (room == "staff" && person.moderator);
}

}  // namespace

Chat::Server::Options Chat::options(std::size_t shards) {
  Server::Options options;
  options.identifier = "chat";
  options.broker = wscast::memory_broker();
  options.shards = shards;
  options.hooks = {
      .authenticate = [this](const auto& request, auto reply) { authenticate(request, reply); },
      .validate_rooms = [this](const auto& request) { return allowed_rooms(request); },
      .connected = [this](const auto& client) { greet(client); },
      .disconnected = [this](const auto& client) { part(client); },
      .message = [this](const auto& message) { handle(message); },
  };
  return options;
}

void Chat::authenticate(const wscast::TypedAuthenticateRequest<Login>& request,
                        const wscast::Reply<std::optional<Identity>>& reply) {
  accounts_.look_up(request.data, [reply](const std::optional<Person>& person) {
    if (!person) return reply(std::nullopt);
    reply(Identity{.user_id = person->name, .metadata = *person});
  });
}

std::vector<std::string> Chat::allowed_rooms(const wscast::ValidateRoomsRequest& request) const {
  const auto* person = request.metadata.get<Person>();
  std::vector<std::string> rooms;
  std::copy_if(request.rooms.begin(), request.rooms.end(), std::back_inserter(rooms),
               [person](const std::string& room) { return is_room(room, *person); });
  return rooms;
}

void Chat::greet(const Client& client) {
  server_.broadcast({.event = "came",
                     .data = json_of({{"name", client.user_id}}),
                     .exclude = {std::string(client.client_id)}});
}

void Chat::part(const Client& client) {
  // A client that never authenticated has no user; a user with another client is still here.
  if (client.user_id.empty() || !server_.get_clients_by_user(client.user_id).empty()) return;
  server_.broadcast({.event = "left", .data = json_of({{"name", client.user_id}})});
}

void Chat::handle(const Message& message) {
  if (message.event == "say") return say(message);
  if (message.event == "history") return send_history(message);
  if (message.event == "who") return send_members(message);
  if (message.event == "whisper") return whisper(message);
  if (message.event == "kick") return kick(message);
}

void Chat::say(const Message& message) {
  const std::string name = field(message, "room");
  // Clients are also in the default rooms and in the room of their own id, which have no history.
  if (!is_room(name, *message.meta()) || !server_.in_room(message.client_id, name)) return;

  boost::json::value said = {
      {"room", name}, {"from", message.user_id}, {"text", field(message, "text")}};
  number_and_keep(name, said);
  server_.send({.destination = name, .event = "said", .data = json_of(said)});
}

void Chat::number_and_keep(const std::string& name, boost::json::value& said) {
  const std::lock_guard lock(mutex_);
  Room& room = rooms_[name];
  said.as_object()["number"] = ++room.said;
  room.last.push_back(said);
  if (room.last.size() > kMaxHistory) room.last.pop_front();
}

void Chat::send_history(const Message& message) {
  const std::string name = field(message, "room");
  if (!server_.in_room(message.client_id, name)) return;
  boost::json::array messages;
  {
    const std::lock_guard lock(mutex_);
    if (const auto room = rooms_.find(name); room != rooms_.end()) {
      messages = boost::json::array(room->second.last.begin(), room->second.last.end());
    }
  }
  server_.send_to_client({.client_id = message.client_id,
                          .event = "history",
                          .data = json_of({{"room", name}, {"messages", messages}})});
}

void Chat::send_members(const Message& message) {
  const std::string room = field(message, "room");
  if (!server_.in_room(message.client_id, room)) return;
  std::set<std::string> names;
  for (const auto& member : server_.get_clients_by_room(room)) names.insert(member.user_id);
  server_.send_to_client(
      {.client_id = message.client_id,
       .event = "who",
       .data = json_of({{"room", room}, {"names", boost::json::value_from(names)}})});
}

void Chat::whisper(const Message& message) {
  const std::string text = field(message, "text");
  server_.send_to_user({.user_id = field(message, "to"),
                        .event = "whispered",
                        .data = json_of({{"from", message.user_id}, {"text", text}})});
}

void Chat::kick(const Message& message) {
  if (!message.meta()->moderator) return;
  server_.close_user(
      {.user_id = field(message, "name"), .code = 4100, .reason = "Kicked by a moderator"});
}

}  // namespace chat
