#include "chat.h"

#include <algorithm>
#include <iterator>
#include <set>
#include <utility>

#include <boost/json.hpp>

#include "wscast/json_fields.h"

namespace chat {
namespace {

using wscast::Json;

constexpr std::size_t kHistoryMax = 50;

/// The string of this name in a message's data; empty when there is none.
std::string field(Json data, std::string_view name) {
  const auto fields = wscast::JsonFields::of(data);
  return fields ? fields->string(name).value_or("") : "";
}

std::string text_of(const boost::json::value& value) {
  return boost::json::serialize(value);
}

const Person& person_of(const wscast::Metadata& metadata) {
  return *metadata.get<Person>();
}

bool is_room(std::string_view room, const Person& person) {
  return room == "general" || room == "random" || (room == "staff" && person.moderator);
}

}  // namespace

wscast::ServerOptions Chat::options(std::size_t shards) {
  wscast::ServerOptions options;
  options.identifier = "chat";
  options.broker = wscast::memory_broker();
  options.shards = shards;
  options.hooks = {
      .authenticate = [this](const auto& request,
                             const auto& reply) { authenticate(request, reply); },
      .validate_rooms = [this](const auto& request) { return allowed_rooms(request); },
      .connected = [this](const auto& client) { greet(client); },
      .disconnected = [this](const auto& client) { part(client); },
      .message = [this](const auto& message) { handle(message); },
  };
  return options;
}

void Chat::authenticate(const wscast::AuthenticateRequest& request,
                        const wscast::Reply<std::optional<wscast::Identity>>& reply) {
  const Login login{.name = field(request.data, "name"),
                    .password = field(request.data, "password")};
  accounts_.look_up(login, [reply](const std::optional<Person>& person) {
    if (!person) return reply(std::nullopt);
    reply(wscast::Identity{.user_id = person->name, .metadata = wscast::Metadata::of(*person)});
  });
}

std::vector<std::string> Chat::allowed_rooms(const wscast::ValidateRoomsRequest& request) {
  const auto client = server_.get_client(request.client_id);
  std::vector<std::string> rooms;
  if (!client) return rooms;
  std::copy_if(request.rooms.begin(), request.rooms.end(), std::back_inserter(rooms),
               [&](const std::string& room) { return is_room(room, person_of(client->metadata)); });
  return rooms;
}

void Chat::greet(const Client& client) {
  server_.broadcast({.event = "came",
                     .data = Json::text(text_of({{"name", client.user_id}})),
                     .exclude = {std::string(client.client_id)}});
}

void Chat::part(const Client& client) {
  // Who never logged in is nobody, and who has another window open is still here.
  if (client.user_id.empty() || !server_.get_clients_by_user(client.user_id).empty()) return;
  server_.broadcast({.event = "left", .data = Json::text(text_of({{"name", client.user_id}}))});
}

void Chat::handle(const Message& message) {
  if (message.event == "say") return say(message);
  if (message.event == "history") return tell_history(message);
  if (message.event == "who") return tell_who(message);
  if (message.event == "whisper") return whisper(message);
  if (message.event == "kick") return kick(message);
}

void Chat::say(const Message& message) {
  const std::string name = field(message.data, "room");
  // One is also in the default rooms and in that of one's own client id: no history of these.
  if (!is_room(name, person_of(message.metadata)) || !server_.in_room(message.client_id, name))
    return;

  boost::json::value said = {
      {"room", name}, {"from", message.user_id}, {"text", field(message.data, "text")}};
  number_and_keep(name, said);
  server_.send(
      {.destination = name, .payload = {.topic = "said", .data = Json::text(text_of(said))}});
}

void Chat::number_and_keep(const std::string& name, boost::json::value& said) {
  const std::lock_guard lock(mutex_);
  Room& room = rooms_[name];
  said.as_object()["number"] = ++room.said;
  room.last.push_back(said);
  if (room.last.size() > kHistoryMax) room.last.pop_front();
}

void Chat::tell_history(const Message& message) {
  const std::string name = field(message.data, "room");
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
                          .data = Json::text(text_of({{"room", name}, {"messages", messages}}))});
}

void Chat::tell_who(const Message& message) {
  const std::string room = field(message.data, "room");
  if (!server_.in_room(message.client_id, room)) return;
  std::set<std::string> names;
  for (const auto& member : server_.get_clients_by_room(room)) names.insert(member.user_id);
  server_.send_to_client(
      {.client_id = message.client_id,
       .event = "who",
       .data = Json::text(text_of({{"room", room}, {"names", boost::json::value_from(names)}}))});
}

void Chat::whisper(const Message& message) {
  const std::string text = field(message.data, "text");
  server_.send_to_user({.user_id = field(message.data, "to"),
                        .event = "whispered",
                        .data = Json::text(text_of({{"from", message.user_id}, {"text", text}}))});
}

void Chat::kick(const Message& message) {
  if (!person_of(message.metadata).moderator) return;
  server_.close_user(
      {.user_id = field(message.data, "name"), .code = 4100, .reason = "Kicked by a moderator"});
}

}  // namespace chat
