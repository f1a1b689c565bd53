#include "protocol/envelope.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

constexpr std::string_view kEventKey = R"({"event":)";
constexpr std::string_view kDataKey = R"(,"data":)";

constexpr std::array<std::string_view, 3> kNames = {"event", "data", "id"};

char* write(char* out, std::string_view text) {
  return std::ranges::copy(text, out).out;
}

std::optional<std::string_view> text_of(const std::optional<JsonValue>& value) {
  if (!value) return std::nullopt;
  return value->text;
}

/// Nothing when the member is no event: missing, no string, empty, or with a lone surrogate.
std::optional<std::string> decode_event(const std::optional<JsonValue>& value) {
  if (!value || value->kind != JsonKind::string) return std::nullopt;
  auto event = decode_json_string(value->text);
  if (!event || event->empty()) return std::nullopt;
  return event;
}

}  // namespace

ParsedEnvelope parse_envelope(std::string_view text, std::size_t depth_max) {
  std::array<std::optional<JsonValue>, kNames.size()> values;
  switch (scan_object(text, kNames, values, depth_max)) {
    case ObjectScan::invalid:
      return {EnvelopeStatus::invalid, {}};
    case ObjectScan::not_object:
      return {EnvelopeStatus::malformed, {}};
    case ObjectScan::object:
      break;
  }
  auto event = decode_event(values[0]);
  if (!event) return {EnvelopeStatus::malformed, {}};
  return {EnvelopeStatus::ok, {std::move(*event), text_of(values[1]), text_of(values[2])}};
}

std::size_t envelope_size(std::string_view event, std::optional<std::string_view> data) {
  const std::size_t data_size = data ? kDataKey.size() + data->size() : 0;
  return kEventKey.size() + quoted_size(event) + data_size + 1;
}

char* write_envelope(char* out, std::string_view event, std::optional<std::string_view> data) {
  out = write_quoted(write(out, kEventKey), event);
  if (data) out = write(write(out, kDataKey), *data);
  *out++ = '}';
  return out;
}

std::string make_envelope(std::string_view event, std::optional<std::string_view> data) {
  std::string text(envelope_size(event, data), '\0');
  write_envelope(text.data(), event, data);
  return text;
}

}  // namespace wscast::protocol
