#include "protocol/history_messages.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wscast/constants.h"

#include "protocol/envelope.h"
#include "protocol/json_number.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

constexpr std::size_t kMaxFormerIds = 16;

template <std::size_t N>
bool read_members(const std::optional<JsonValue>& object,
                  const std::array<std::string_view, N>& names,
                  std::array<std::optional<JsonValue>, N>& values) {
  return object && object->kind == JsonKind::object &&
         scan_object(object->text, names, values) == ObjectScan::object;
}

std::optional<std::string> text_of(const std::optional<JsonValue>& value) {
  if (!value || value->kind != JsonKind::string) return std::nullopt;
  return decode_json_string(value->text);
}

std::optional<Position> read_position(const JsonValue& value) {
  constexpr std::array<std::string_view, 2> kNames = {"offset", "epoch"};
  std::array<std::optional<JsonValue>, 2> values;
  if (!read_members(std::optional(value), kNames, values)) return std::nullopt;
  const auto offset = values[0] ? whole_number(values[0]->text) : std::nullopt;
  auto epoch = text_of(values[1]);
  if (!offset || !epoch || epoch->size() > kMaxEpochBytes) return std::nullopt;
  return Position{*offset, std::move(*epoch)};
}

std::vector<ClientId> read_former_ids(const std::optional<JsonValue>& value) {
  std::vector<ClientId> ids;
  if (!value || value->kind != JsonKind::array) return ids;
  JsonArrayReader reader(value->text);
  for (std::size_t read = 0; read < kMaxFormerIds; ++read) {
    const auto text = reader.next();
    if (!text) break;
    if (const auto id = ClientId::parse(text_of(text).value_or(""))) ids.push_back(*id);
  }
  return ids;
}

std::string position_json(const Position* position) {
  if (position == nullptr) return "null";
  std::string json = R"({"offset":)" + std::to_string(position->offset) + R"(,"epoch":)";
  append_quoted(json, position->epoch);
  return json + '}';
}

std::string room_position_json(const RoomPosition& room) {
  std::string json = position_json(room.position);
  if (!room.asked) return json;
  if (room.position == nullptr) json = R"({"offset":null,"epoch":null})";
  json.pop_back();
  if (!room.lost) return json + R"(,"recovered":true})";
  return json.append(R"(,"recovered":false,"reason":")").append(to_string(*room.lost)) + "\"}";
}

std::string number_or_null(const std::optional<std::uint64_t>& number) {
  return number ? std::to_string(*number) : "null";
}

}  // namespace

ClientExtensions parse_extensions(std::optional<std::string_view> ext) {
  ClientExtensions extensions;
  if (!ext || ext->empty()) return extensions;
  constexpr std::array<std::string_view, 2> kNames = {"positions", "join"};
  std::array<std::optional<JsonValue>, 2> values;
  const JsonValue object{json_kind(*ext), *ext};
  if (!read_members(std::optional(object), kNames, values)) return extensions;
  extensions.positions = values[0] && values[0]->text == "1";
  constexpr std::array<std::string_view, 2> kJoinNames = {"data", "id"};
  std::array<std::optional<JsonValue>, 2> join;
  if (!extensions.positions || !read_members(values[1], kJoinNames, join) || !join[0]) {
    return extensions;
  }
  extensions.join.emplace().data = join[0]->text;
  if (join[1]) extensions.join->id = join[1]->text;
  return extensions;
}

const Position* Recovery::seen_of(std::string_view room) const {
  const auto found = std::ranges::find(rooms, room, &Room::name);
  return found == rooms.end() ? nullptr : &found->seen;
}

Recovery parse_recovery(std::optional<std::string_view> data, std::size_t max_rooms) {
  Recovery recovery;
  constexpr std::array<std::string_view, 1> kRecover = {"recover"};
  std::array<std::optional<JsonValue>, 1> recover;
  if (!data || scan_object(*data, kRecover, recover) != ObjectScan::object) return recovery;
  constexpr std::array<std::string_view, 2> kNames = {"ids", "rooms"};
  std::array<std::optional<JsonValue>, 2> values;
  if (!read_members(recover[0], kNames, values)) return recovery;
  recovery.ids = read_former_ids(values[0]);
  if (!values[1] || values[1]->kind != JsonKind::object) return recovery;
  JsonObjectReader reader(values[1]->text);
  for (std::size_t read = 0; read < max_rooms; ++read) {
    const auto member = reader.next();
    if (!member) break;
    auto name = decode_json_string(member->key);
    auto seen = read_position(member->value);
    if (name && seen) recovery.rooms.push_back({std::move(*name), std::move(*seen)});
  }
  return recovery;
}

std::string_view to_string(LossReason reason) {
  switch (reason) {
    case LossReason::epoch:
      return "epoch";
    case LossReason::window:
      return "window";
    case LossReason::limit:
      return "limit";
    case LossReason::unavailable:
      break;
  }
  return "unavailable";
}

std::string positions_json(std::span<const RoomPosition> rooms) {
  std::string json = "{";
  for (const RoomPosition& room : rooms) {
    if (json.size() > 1) json += ',';
    append_quoted(json, room.room);
    json += ':';
    json += room_position_json(room);
  }
  return json + '}';
}

std::string gap_message(const Gap& gap) {
  std::string data = R"({"room":)";
  append_quoted(data, gap.room);
  data.append(R"(,"from":)").append(number_or_null(gap.from));
  data.append(R"(,"to":)").append(number_or_null(gap.to));
  data.append(R"(,"reason":")").append(to_string(gap.reason));
  data.append(R"(","position":)").append(position_json(gap.position)) += '}';
  return make_envelope({extension_events::gap, data, {}});
}

std::string marked(std::string message) {
  message.pop_back();
  return message += R"(,"server":true})";
}

std::string position_tail(std::string_view room, std::uint64_t offset) {
  std::string tail = R"(,"room":)";
  append_quoted(tail, room);
  return tail.append(R"(,"offset":)").append(std::to_string(offset)) += '}';
}

}  // namespace wscast::protocol
