#include "wscast/json_fields.h"

#include <array>

#include "protocol/envelope.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"
#include "protocol/verified_json.h"

namespace wscast {
namespace {

std::optional<protocol::JsonValue> find(std::string_view object, std::string_view name) {
  const std::array<std::string_view, 1> names = {name};
  std::array<std::optional<protocol::JsonValue>, 1> values;
  protocol::scan_object(object, names, values, protocol::kMaxDataDepth);
  return values[0];
}

}  // namespace

std::optional<JsonFields> JsonFields::of(Json object) {
  if (!protocol::is_valid(object)) return std::nullopt;
  const auto value = protocol::scan_json(object.view(), protocol::kMaxDataDepth);
  if (!value || value->kind != protocol::JsonKind::object) return std::nullopt;
  return JsonFields(value->text);
}

Json JsonFields::raw(std::string_view name) const {
  const auto value = find(object_, name);
  return value ? protocol::VerifiedJson::of(value->text) : Json();
}

std::optional<std::string> JsonFields::string(std::string_view name) const {
  const auto value = find(object_, name);
  if (!value || value->kind != protocol::JsonKind::string) return std::nullopt;
  return protocol::decode_json_string(value->text);
}

std::optional<bool> JsonFields::boolean(std::string_view name) const {
  const auto value = find(object_, name);
  if (!value || value->kind != protocol::JsonKind::boolean) return std::nullopt;
  return value->text == "true";
}

}  // namespace wscast
