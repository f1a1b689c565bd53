#include "protocol/rooms_request.h"

#include <array>
#include <utility>

#include "wscast/constants.h"

#include "protocol/json_scanner.h"
#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

/// The text of the array `rooms` of `data`; `std::nullopt` if there is none.
std::optional<std::string_view> rooms_array(std::optional<std::string_view> data) {
  constexpr std::array<std::string_view, 1> kNames = {"rooms"};
  std::array<std::optional<JsonValue>, 1> values;
  if (!data || scan_object(*data, kNames, values) != ObjectScan::object) return std::nullopt;
  if (!values[0] || values[0]->kind != JsonKind::array) return std::nullopt;
  return values[0]->text;
}

std::optional<std::string> name_to_leave(const JsonValue& entry) {
  if (entry.kind != JsonKind::string) return std::nullopt;
  return decode_json_string(entry.text);
}

std::optional<std::string> name_to_join(const JsonValue& entry) {
  // No code unit takes more than the six bytes of \uXXXX: longer texts need no decoding.
  constexpr std::size_t kMaxQuotedSize = kMaxRoomNameUnits * 6 + 2;
  if (entry.text.size() > kMaxQuotedSize) return std::nullopt;
  auto name = name_to_leave(entry);
  if (!name || !is_valid_room_name(*name)) return std::nullopt;
  return name;
}

template <typename Decode>
RoomsRequest read_rooms(std::optional<std::string_view> data, std::size_t max_names,
                        Decode decode) {
  RoomsRequest request;
  const auto array = rooms_array(data);
  if (!array) return request;
  request.is_list = true;
  JsonArrayReader reader(*array);
  while (const auto entry = reader.next()) {
    if (request.size() == max_names) {
      request.too_many = true;
      break;
    }
    auto name = decode(*entry);
    if (entry->kind == JsonKind::string) {
      request.names.push_back({entry->text, name.has_value()});
    } else {
      ++request.not_strings;
    }
    if (name) {
      request.rooms.push_back(std::move(*name));
    } else {
      ++request.dropped;
    }
  }
  return request;
}

}  // namespace

bool is_valid_room_name(std::string_view name) {
  return !name.empty() && !name.starts_with(channels::reserved_prefix) &&
         utf16_length(name) <= kMaxRoomNameUnits;
}

RoomsRequest parse_rooms(std::optional<std::string_view> data, std::size_t max_names) {
  return read_rooms(data, max_names, name_to_join);
}

RoomsRequest parse_rooms_to_leave(std::optional<std::string_view> data, std::size_t max_names) {
  return read_rooms(data, max_names, name_to_leave);
}

}  // namespace wscast::protocol
