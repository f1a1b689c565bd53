// Feeds one text to everything that reads a client's message, and holds what the readers of
// `protocol/` promise each other.

#include <cstdint>
#include <cstdlib>
#include <simdjson.h>
#include <string>
#include <string_view>

#include "wscast/json_fields.h"

#include "protocol/envelope.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"
#include "protocol/rooms_request.h"
#include "protocol/utf8.h"
#include "protocol/verified_json.h"

namespace {

using namespace wscast;
using namespace wscast::protocol;

void require(bool holds) {
  if (!holds) std::abort();
}

/// Another parser takes nothing that the scanner refuses.
void check_against_oracle(std::string_view text, bool valid) {
  static simdjson::dom::parser oracle;
  static const bool ready = oracle.allocate(1 << 20, kMaxJsonDepth) == simdjson::SUCCESS;
  require(ready);
  const auto error = oracle.parse(text.data(), text.size()).error();
  if (error == simdjson::SUCCESS) require(valid);
  if (valid && error) {
    require(error == simdjson::NUMBER_ERROR || error == simdjson::STRING_ERROR ||
            error == simdjson::DEPTH_ERROR);
  }
}

void check_string(const JsonValue& value) {
  const auto decoded = decode_json_string(value.text);
  if (!decoded) return;
  require(is_utf8(*decoded));
  require(json_string_equals(value.text, *decoded));
  std::string quoted(quoted_size(*decoded), '\0');
  require(write_quoted(quoted.data(), *decoded) == quoted.data() + quoted.size());
  require(decode_json_string(quoted) == decoded);
}

void check_rooms(std::string_view data) {
  constexpr std::size_t kMaxNames = 16;
  const auto join = parse_rooms(data, kMaxNames);
  for (const auto& room : join.rooms) require(is_valid_room_name(room) && is_utf8(room));
  const auto leave = parse_rooms_to_leave(data, kMaxNames);
  require(join.rooms.size() <= leave.rooms.size());
  require(join.rooms.size() + join.dropped <= kMaxNames);
  require(join.rooms.size() + join.dropped == leave.rooms.size() + leave.dropped);
  require(join.too_many == leave.too_many);
}

void check_envelope(const Envelope& envelope) {
  require(!envelope.event.empty() && is_utf8(envelope.event));
  for (const auto& member : {envelope.data, envelope.id}) {
    if (member) require(scan_json(*member, kMaxDataDepth)->text == *member);
  }
  if (envelope.data) check_rooms(*envelope.data);
  const auto text = make_envelope({envelope.event, envelope.data});
  const auto again = parse_envelope(text);
  require(again.status == EnvelopeStatus::ok);
  require(again.envelope.event == envelope.event && again.envelope.data == envelope.data);
}

void check_fields(std::string_view text) {
  const auto fields = JsonFields::of(Json::text(text));
  if (!fields) return;
  for (const auto* name : {"event", "data", ""}) {
    const Json raw = fields->raw(name);
    if (!raw.present()) continue;
    require(is_valid(Json::text(raw.view())));
    const auto string = fields->string(name);
    if (string) require(json_kind(raw.view()) == JsonKind::string);
    require(fields->boolean(name).has_value() == (json_kind(raw.view()) == JsonKind::boolean));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto parsed = parse_envelope(text);
  const auto value = scan_json(text);
  require(value.has_value() == (parsed.status != EnvelopeStatus::invalid));
  if (!is_utf8(text)) return 0;

  check_against_oracle(text, value.has_value());
  if (value && value->kind == JsonKind::string) check_string(*value);
  if (parsed.status == EnvelopeStatus::ok) check_envelope(parsed.envelope);
  check_fields(text);
  return 0;
}
