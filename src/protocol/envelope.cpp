#include "protocol/envelope.h"

#include <algorithm>
#include <array>
#include <utility>

#include "protocol/json_string.h"

namespace wscast::protocol {
namespace {

constexpr std::string_view kEventKey = R"({"event":)";
constexpr std::string_view kDataKey = R"(,"data":)";
constexpr std::string_view kIdKey = R"(,"id":)";

constexpr std::array<std::string_view, 4> kNames = {"event", "data", "id", "ext"};

char* write(char* out, std::string_view text) {
  return std::ranges::copy(text, out).out;
}

std::optional<std::string_view> text_of(const std::optional<JsonValue>& value) {
  if (!value) return std::nullopt;
  return value->text;
}

/// `std::nullopt` if the member is no event: missing, no string, empty, or with a lone surrogate.
std::optional<std::string> decode_event(const std::optional<JsonValue>& value) {
  if (!value || value->kind != JsonKind::string) return std::nullopt;
  auto event = decode_json_string(value->text);
  if (!event || event->empty()) return std::nullopt;
  return event;
}

}  // namespace

ParsedEnvelope parse_envelope(std::string_view text, std::size_t max_depth) {
  std::array<std::optional<JsonValue>, kNames.size()> values;
  switch (scan_object(text, kNames, values, max_depth)) {
    case ObjectScan::invalid:
      return {EnvelopeStatus::invalid, {}};
    case ObjectScan::not_object:
      return {EnvelopeStatus::malformed, {}};
    case ObjectScan::object:
      break;
  }
  auto event = decode_event(values[0]);
  if (!event) return {EnvelopeStatus::malformed, {}};
  return {EnvelopeStatus::ok,
          {std::move(*event), text_of(values[1]), text_of(values[2]), text_of(values[3])}};
}

std::size_t envelope_size(const Content& content) {
  const std::size_t data_size = content.data ? kDataKey.size() + content.data->size() : 0;
  const std::size_t id_size = content.id ? kIdKey.size() + content.id->size() : 0;
  return kEventKey.size() + quoted_size(content.event) + data_size + id_size + 1;
}

char* write_envelope(char* out, const Content& content) {
  out = write_quoted(write(out, kEventKey), content.event);
  if (content.data) out = write(write(out, kDataKey), *content.data);
  if (content.id) out = write(write(out, kIdKey), *content.id);
  *out++ = '}';
  return out;
}

std::string make_envelope(const Content& content) {
  std::string text(envelope_size(content), '\0');
  write_envelope(text.data(), content);
  return text;
}

}  // namespace wscast::protocol
