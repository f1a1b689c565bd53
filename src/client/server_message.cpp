#include "client/server_message.h"

#include <array>

#include "wscast/json_fields.h"

#include "protocol/json_number.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"

namespace wscast::client {
namespace {

using protocol::JsonKind;
using protocol::JsonValue;
using protocol::VerifiedJson;

std::optional<std::string> string_in(const std::optional<JsonValue>& value) {
  if (!value || value->kind != JsonKind::string) return std::nullopt;
  return protocol::decode_json_string(value->text);
}

bool is_object(std::string_view text) {
  return !text.empty() && protocol::json_kind(text) == JsonKind::object;
}

}  // namespace

std::optional<ServerMessage> parse_server_message(std::string_view text) {
  constexpr std::array<std::string_view, 6> kNames = {"event", "data",   "id",
                                                      "room",  "offset", "server"};
  std::array<std::optional<JsonValue>, 6> values;
  if (!protocol::is_utf8(text) ||
      protocol::scan_object(text, kNames, values) != protocol::ObjectScan::object) {
    return std::nullopt;
  }
  auto event = string_in(values[0]);
  if (!event) return std::nullopt;
  ServerMessage message{.event = std::move(*event)};
  if (values[1]) message.data = VerifiedJson::of(values[1]->text);
  if (values[2]) message.id = values[2]->text;
  message.room = string_in(values[3]);
  if (message.room && values[4]) message.offset = protocol::whole_number(values[4]->text);
  message.by_server = values[5] && values[5]->text == "true";
  return message;
}

std::string words_of(const ServerMessage& message) {
  for (const std::string_view name : {"message", "error"}) {
    if (std::string words = text_member(message.data, name); !words.empty()) return words;
  }
  return "refused";
}

std::string text_member(Json object, std::string_view name) {
  const auto fields = JsonFields::of(object);
  return fields ? fields->string(name).value_or("") : "";
}

std::optional<std::uint64_t> number_member(Json object, std::string_view name) {
  const auto fields = JsonFields::of(object);
  return fields ? protocol::whole_number(fields->raw(name).view()) : std::nullopt;
}

Json object_member(Json object, std::string_view name) {
  const auto fields = JsonFields::of(object);
  const Json value = fields ? fields->raw(name) : Json();
  return is_object(value.view()) ? value : Json();
}

std::vector<std::pair<std::string, Json>> members_of(Json object) {
  std::vector<std::pair<std::string, Json>> members;
  if (!is_object(object.view())) return members;
  protocol::JsonObjectReader reader(object.view());
  while (const auto member = reader.next()) {
    if (auto key = protocol::decode_json_string(member->key)) {
      members.emplace_back(std::move(*key), VerifiedJson::of(member->value.text));
    }
  }
  return members;
}

}  // namespace wscast::client
