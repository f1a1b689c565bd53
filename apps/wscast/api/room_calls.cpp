#include "api/room_calls.h"

#include <algorithm>
#include <string>
#include <system_error>
#include <vector>

#include "api/answers.h"
#include "api/problem.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

using Change = std::error_code (Server::*)(const Membership&);

/// Changes the membership of a client, or of all clients of a user on this server.
void change(const ApiCall& call, Change change, const char* word, const Respond& respond) {
  Server& server = call.parts.server;
  const std::string& room = call.parameters[0];
  if (call.body.has("client") == call.body.has("user")) {
    return respond(problem(400, "there is either \"client\" or \"user\""));
  }
  std::vector<std::string> clients;
  if (call.body.has("client")) {
    clients.emplace_back(call.body.text("client"));
  } else {
    for (const auto& client : server.get_clients_by_user(call.body.text("user"))) {
      clients.push_back(client.id);
    }
  }
  std::size_t changed = 0;
  for (const std::string& client : clients) {
    const auto error = (server.*change)({.client_id = client, .room = room});
    // One that left meanwhile is no error among several.
    if (error && !(error == Errc::unknown_client && call.body.has("user"))) {
      return respond(error_response(error));
    }
    if (!error) ++changed;
  }
  respond(ok("{\"" + std::string(word) + "\":" + std::to_string(changed) + "}"));
}

}  // namespace

void handle_get_rooms(const ApiCall& call, const Respond& respond) {
  PageQuery page;
  if (const auto fault = page.read(call.query); !fault.empty()) return respond(problem(400, fault));
  const auto rooms = call.parts.server.get_rooms(Page{.after = page.after, .limit = page.limit});
  std::vector<std::string> elements;
  for (const RoomInfo& room : rooms) {
    elements.push_back(room_json(room.name, room.members));
  }
  const std::string array = json_array(elements);
  JsonObjectWriter out;
  out.raw("rooms", Json::text(array));
  if (rooms.size() == page.limit) out.text("next", rooms.back().name);
  respond(ok(out.finish()));
}

void handle_get_room(const ApiCall& call, const Respond& respond) {
  PageQuery page;
  if (const auto fault = page.read(call.query); !fault.empty()) return respond(problem(400, fault));
  auto clients = call.parts.server.get_clients_by_room(call.parameters[0]);
  if (clients.empty()) return respond(problem(404, "no client is in that room"));
  std::ranges::sort(clients, {}, &ClientInfo::id);
  std::vector<std::string> elements;
  std::string next;
  for (const ClientInfo& client : clients) {
    if (client.id <= page.after) continue;
    if (elements.size() == page.limit) break;
    JsonObjectWriter out;
    out.text("id", client.id).optional_text("userId", client.user_id);
    elements.push_back(out.finish());
    next = client.id;
  }
  const std::string count = std::to_string(clients.size());
  const std::string array = json_array(elements);
  JsonObjectWriter out;
  out.text("name", call.parameters[0])
      .raw("members", Json::text(count))
      .raw("clients", Json::text(array));
  if (elements.size() == page.limit) out.text("next", next);
  respond(ok(out.finish()));
}

void handle_join(const ApiCall& call, const Respond& respond) {
  change(call, &Server::join_room, "joined", respond);
}

void handle_leave(const ApiCall& call, const Respond& respond) {
  change(call, &Server::leave_room, "left", respond);
}

}  // namespace wscast::program
