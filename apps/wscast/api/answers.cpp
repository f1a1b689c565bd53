#include "api/answers.h"

#include <charconv>

#include "wscast/error.h"

#include "api/problem.h"
#include "api/route.h"
#include "auth/grant.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

constexpr std::size_t kMostOfPage = 1'000;

Json boolean(bool value) {
  return Json::text(value ? "true" : "false");
}

}  // namespace

ApiResponse ok(std::string json) {
  return {.status = 200, .body = std::move(json)};
}

ApiResponse error_response(std::error_code error) {
  if (error == Errc::unknown_client) return problem(404, "there is no such client");
  if (error == Errc::message_too_big) return problem(413, "the message is too long for Redis");
  if (error == Errc::stopped) return problem(503, "the server is shutting down");
  if (error == Errc::overloaded) {
    ApiResponse response = problem(503, "the server has too much to do");
    response.headers.emplace_back("Retry-After", "1");
    return response;
  }
  return problem(400, error.message());
}

std::string room_json(std::string_view name, std::size_t members) {
  const std::string count = std::to_string(members);
  return JsonObjectWriter().text("name", name).raw("members", Json::text(count)).finish();
}

std::string client_json(const ClientInfo& client, std::string_view server_id) {
  std::vector<std::string> rooms;
  for (const std::string& room : client.rooms) {
    if (room != client.id) rooms.push_back(json_string(room));
  }
  const std::string rooms_json = json_array(rooms);
  const std::string dropped = std::to_string(client.dropped_messages);
  const Grant* grant = client.metadata.get<Grant>();
  JsonObjectWriter out;
  out.text("id", client.id)
      .optional_text("userId", client.user_id)
      .text("serverId", server_id)
      .text("state", to_string(client.state))
      .raw("rooms", Json::text(rooms_json))
      .text("remoteAddress", client.remote_address)
      .text("connectedAt", utc_text(client.connected_at))
      .text("lastActivity", utc_text(client.last_activity))
      .raw("encrypted", boolean(client.encrypted))
      .raw("backpressured", boolean(client.backpressured))
      .raw("droppedMessages", Json::text(dropped));
  if (grant != nullptr) out.raw("metadata", Json::text(grant->metadata));
  return out.finish();
}

std::string json_array(const std::vector<std::string>& elements) {
  std::string out = "[";
  for (const std::string& element : elements) {
    if (out.size() > 1) out += ',';
    out += element;
  }
  return out + "]";
}

std::string PageQuery::read(std::string_view query) {
  after = query_parameter(query, "after").value_or("");
  const auto text = query_parameter(query, "limit");
  if (!text) return {};
  const auto parsed = std::from_chars(text->data(), text->data() + text->size(), limit);
  const bool number = parsed.ec == std::errc() && parsed.ptr == text->data() + text->size();
  if (number && limit >= 1 && limit <= kMostOfPage) return {};
  return "limit is not a number from 1 to " + std::to_string(kMostOfPage);
}

}  // namespace wscast::program
