#include "auth/webhook_answer.h"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "wscast/json_fields.h"

namespace wscast::program {
namespace {

using nlohmann::json;

/// Keeps a time from now far from overflow.
constexpr std::uint64_t kMaxExpirySeconds = 1'000'000'000;

/// Throws WebhookFault, as what follows.
json parse_object(std::string_view body) {
  json parsed = json::parse(body, nullptr, false);
  if (parsed.is_discarded()) throw WebhookFault{"the response is not JSON"};
  if (!parsed.is_object()) throw WebhookFault{"the response is not a JSON object"};
  return parsed;
}

std::vector<std::string> read_rooms(const json& rooms) {
  if (!rooms.is_array()) throw WebhookFault{"rooms is not an array"};
  std::vector<std::string> read;
  for (const auto& room : rooms) {
    if (!room.is_string()) throw WebhookFault{"rooms has an entry that is not a string"};
    read.push_back(room.get<std::string>());
  }
  return read;
}

std::string read_user(const json& object) {
  const auto user = object.find("userId");
  if (user == object.end()) throw WebhookFault{"userId is missing"};
  if (!user->is_string()) throw WebhookFault{"userId is not a string"};
  auto id = user->get<std::string>();
  if (id.empty()) throw WebhookFault{"userId is empty"};
  return id;
}

/// As the text that came: reading and writing it again could change its numbers.
std::string read_metadata(const json& object, std::string_view body) {
  const auto metadata = object.find("metadata");
  if (metadata == object.end()) return "{}";
  if (!metadata->is_object()) throw WebhookFault{"metadata is not an object"};
  const auto fields = JsonFields::of(Json::text(body));
  if (!fields) throw WebhookFault{"the response is nested too deeply"};
  return std::string(fields->raw("metadata").view());
}

std::optional<std::chrono::milliseconds> read_expiry(const json& object) {
  const auto expiry = object.find("expiresIn");
  if (expiry == object.end()) return std::nullopt;
  if (!expiry->is_number_unsigned() || *expiry == 0U) {
    throw WebhookFault{"expiresIn is not a whole number of seconds over 0"};
  }
  return std::chrono::seconds(std::min(expiry->get<std::uint64_t>(), kMaxExpirySeconds));
}

}  // namespace

std::variant<Grant, WebhookFault> read_webhook_grant(std::string_view body) {
  try {
    const json object = parse_object(body);
    Grant grant{.user_id = read_user(object), .metadata = read_metadata(object, body)};
    if (object.contains("rooms")) grant.room_patterns = read_rooms(object["rooms"]);
    grant.expires_in = read_expiry(object);
    return grant;
  } catch (WebhookFault& fault) {
    return std::move(fault);
  }
}

std::variant<std::vector<std::string>, WebhookFault> read_webhook_rooms(
    std::string_view body, const std::vector<std::string>& asked) {
  try {
    const json object = parse_object(body);
    if (!object.contains("rooms")) throw WebhookFault{"rooms is missing"};
    std::vector<std::string> rooms = read_rooms(object["rooms"]);
    std::erase_if(rooms, [&asked](const std::string& room) {
      return std::ranges::find(asked, room) == asked.end();
    });
    return rooms;
  } catch (WebhookFault& fault) {
    return std::move(fault);
  }
}

}  // namespace wscast::program
