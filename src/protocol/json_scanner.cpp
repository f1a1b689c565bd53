#include "protocol/json_scanner.h"

#include <algorithm>

#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

JsonValue valid_value(std::string_view text) {
  return {json_kind(text), text};
}

/// The index of the name that `key` spells, or their number.
std::size_t index_of(std::string_view key, std::span<const std::string_view> names) {
  const auto plain = key.substr(1, key.size() - 2);
  const bool escaped = plain.find('\\') != std::string_view::npos;
  const auto found = std::ranges::find_if(names, [&](std::string_view name) {
    return escaped ? json_string_equals(key, name) : plain == name;
  });
  return static_cast<std::size_t>(found - names.begin());
}

/// Steps over the next member's name and colon. Returns the index of the name, or their number.
/// Most objects have their members in the order of the names: the one at `likely` is tried first.
std::optional<std::size_t> take_any_name(JsonCursor& cursor,
                                         std::span<const std::string_view> names,
                                         std::size_t likely) {
  if (likely < names.size() && cursor.take_name(names[likely])) return likely;
  const auto key = cursor.string();
  if (!key || !cursor.take(':')) return std::nullopt;
  return index_of(*key, names);
}

/// Reads from behind the opening brace to behind the closing one.
bool scan_members(JsonCursor& cursor, std::span<const std::string_view> names,
                  std::span<std::optional<JsonValue>> values, std::size_t max_depth) {
  if (cursor.take('}')) return true;
  std::size_t likely = 0;
  do {
    const auto index = take_any_name(cursor, names, likely);
    if (!index) return false;
    const auto value = cursor.value(max_depth);
    if (!value) return false;
    if (*index == names.size()) continue;
    values[*index] = valid_value(*value);
    likely = *index + 1;
  } while (cursor.take(','));
  return cursor.take('}');
}

}  // namespace

JsonKind json_kind(std::string_view text) {
  switch (text.front()) {
    case '{':
      return JsonKind::object;
    case '[':
      return JsonKind::array;
    case '"':
      return JsonKind::string;
    case 't':
    case 'f':
      return JsonKind::boolean;
    case 'n':
      return JsonKind::null;
    default:
      return JsonKind::number;
  }
}

std::optional<JsonValue> scan_json(std::string_view text, std::size_t max_depth) {
  JsonCursor cursor(text);
  const auto value = cursor.value(std::min(max_depth, kMaxJsonDepth));
  if (!value || !cursor.at_end()) return std::nullopt;
  return valid_value(*value);
}

ObjectScan scan_object(std::string_view text, std::span<const std::string_view> names,
                       std::span<std::optional<JsonValue>> values, std::size_t max_depth) {
  JsonCursor cursor(text);
  if (!cursor.take('{')) {
    return scan_json(text, max_depth) ? ObjectScan::not_object : ObjectScan::invalid;
  }
  if (max_depth == 0) return ObjectScan::invalid;
  std::ranges::fill(values, std::nullopt);
  const std::size_t max_inner_depth = std::min(max_depth, kMaxJsonDepth) - 1;
  if (!scan_members(cursor, names, values, max_inner_depth)) return ObjectScan::invalid;
  return cursor.at_end() ? ObjectScan::object : ObjectScan::invalid;
}

JsonArrayReader::JsonArrayReader(std::string_view array)
    : cursor_(array), more_(cursor_.take('[') && !cursor_.take(']')) {}

std::optional<JsonValue> JsonArrayReader::next() {
  if (!more_) return std::nullopt;
  const auto value = cursor_.value(kMaxJsonDepth);
  more_ = value && cursor_.take(',');
  if (!value) return std::nullopt;
  return valid_value(*value);
}

JsonObjectReader::JsonObjectReader(std::string_view object)
    : cursor_(object), more_(cursor_.take('{') && !cursor_.take('}')) {}

std::optional<JsonObjectReader::Member> JsonObjectReader::next() {
  if (!more_) return std::nullopt;
  const auto key = cursor_.string();
  const auto value = key && cursor_.take(':') ? cursor_.value(kMaxJsonDepth) : std::nullopt;
  more_ = value && cursor_.take(',');
  if (!value) return std::nullopt;
  return Member{*key, valid_value(*value)};
}

}  // namespace wscast::protocol
