#include "protocol/backplane_message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "wscast/constants.h"

#include "protocol/history_messages.h"
#include "protocol/json_number.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"
#include "protocol/utf8.h"

namespace wscast::protocol {
namespace {

constexpr std::array<std::string_view, 9> kNames = {"serverId", "type",  "target", "event", "data",
                                                    "exclude",  "trace", "offset", "epoch"};
using Values = std::array<std::optional<JsonValue>, kNames.size()>;
enum Member : std::size_t { server_id, type, target, event, data, exclude, trace, offset, epoch };

static_assert(message_types::all[static_cast<std::size_t>(BackplaneTarget::client)] ==
                  message_types::client &&
              message_types::all[static_cast<std::size_t>(BackplaneTarget::broadcast)] ==
                  message_types::broadcast);

constexpr std::size_t kMaxTraceIdBytes = 64;

constexpr std::string_view kServerType = "server";  // Unknown to the reference.

std::string_view type_name(BackplaneTarget type) {
  if (type == BackplaneTarget::server) return kServerType;
  return message_types::all[static_cast<std::size_t>(type)];
}

void append_list(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (const auto& text : texts) {
    if (&text != &texts.front()) out += ',';
    append_quoted(out, text);
  }
  out += ']';
}

/// Estimated size of the message; exact unless something in it needs escapes.
std::size_t expected_size(const BackplaneContent& content) {
  constexpr std::size_t kSkeletonSize = 96;
  std::size_t size = kSkeletonSize + content.server_id.size() + content.target.size() +
                     content.event.size() + content.data.value_or("").size();
  if (content.exclude != nullptr) {
    for (const auto& id : *content.exclude) size += id.size() + 3;
  }
  return size;
}

bool is_string(const std::optional<JsonValue>& value) {
  return value && value->kind == JsonKind::string;
}

/// `std::nullopt` if the member is missing, no string, or holds a lone surrogate, which UTF-8
/// cannot represent.
std::optional<std::string> decode(const std::optional<JsonValue>& value) {
  if (!is_string(value)) return std::nullopt;
  return decode_json_string(value->text);
}

std::optional<BackplaneTarget> decode_type(const std::optional<JsonValue>& value) {
  if (!is_string(value)) return std::nullopt;
  for (std::size_t i = 0; i < message_types::all.size(); ++i) {
    if (json_string_equals(value->text, message_types::all[i])) {
      return static_cast<BackplaneTarget>(i);
    }
  }
  if (json_string_equals(value->text, kServerType)) return BackplaneTarget::server;
  return std::nullopt;
}

/// Checks the target (protocol.md R3). A broadcast has none.
bool read_target(const Values& values, BackplaneMessage& message) {
  const auto type_read = decode_type(values[type]);
  if (!type_read) return false;
  message.type = *type_read;
  if (message.type == BackplaneTarget::broadcast) return true;
  auto target_read = decode(values[target]);
  if (!target_read || target_read->empty()) return false;
  message.target = std::move(*target_read);
  if (message.type != BackplaneTarget::server) return true;
  auto sender = decode(values[server_id]);
  if (sender) message.server_id = std::move(*sender);
  return sender.has_value();
}

/// Reads `exclude` (protocol.md R5). An entry with a lone surrogate is no client id.
void read_exclude(const std::optional<JsonValue>& value, BackplaneMessage& message) {
  const bool honoured =
      message.type == BackplaneTarget::room || message.type == BackplaneTarget::broadcast;
  if (!honoured || !value || value->kind != JsonKind::array) return;
  JsonArrayReader reader(value->text);
  while (const auto entry = reader.next()) {
    if (auto id = decode(entry)) message.exclude.push_back(std::move(*id));
  }
}

/// protocol.md X12. What is no id is none, as of a message that is not followed.
void read_trace(const std::optional<JsonValue>& value, BackplaneMessage& message) {
  auto id = decode(value);
  if (id && id->size() <= kMaxTraceIdBytes) message.trace = std::move(*id);
}

/// protocol.md H3. What is no position is none.
std::optional<Position> read_position(const Values& values) {
  if (!values[offset] || values[offset]->kind != JsonKind::number) return std::nullopt;
  const auto number = whole_number(values[offset]->text);
  auto name = decode(values[epoch]);
  if (!number || *number == 0 || !name || name->empty() || name->size() > kMaxEpochBytes) {
    return std::nullopt;
  }
  return Position{*number, std::move(*name)};
}

}  // namespace

std::string backplane_message(const BackplaneContent& content) {
  std::string out;
  out.reserve(expected_size(content));
  out += R"({"serverId":)";
  append_quoted(out, content.server_id);
  out += R"(,"type":)";
  append_quoted(out, type_name(content.type));
  if (content.type != BackplaneTarget::broadcast) {
    out += R"(,"target":)";
    append_quoted(out, content.target);
  }
  out += R"(,"event":)";
  append_quoted(out, content.event);
  if (content.data) out.append(R"(,"data":)").append(*content.data);
  if (content.exclude != nullptr) append_list(out += R"(,"exclude":)", *content.exclude);
  if (!content.trace.empty()) append_quoted(out += R"(,"trace":)", content.trace);
  out += '}';
  return out;
}

ParsedBackplaneMessage parse_backplane_message(std::string_view text, std::string_view own_id,
                                               std::size_t max_depth) {
  ParsedBackplaneMessage parsed;  // The only one that is returned, so that it is never copied.
  Values values;
  if (!is_utf8(text) || scan_object(text, kNames, values, max_depth) != ObjectScan::object ||
      !is_string(values[server_id]) || !is_string(values[event])) {
    return parsed;
  }
  BackplaneMessage& message = parsed.message;
  auto position = read_position(values);
  const bool own = json_string_equals(values[server_id]->text, own_id);
  if (own && !position) {
    parsed.status = BackplaneStatus::own;
    return parsed;
  }
  auto event_read = decode(values[event]);
  if (!event_read) return parsed;
  message.event = std::move(*event_read);
  if (values[data]) message.data = values[data]->text;
  parsed.status = BackplaneStatus::unroutable;
  if (!read_target(values, message)) return parsed;
  read_exclude(values[exclude], message);
  read_trace(values[trace], message);
  if (message.type == BackplaneTarget::room) message.position = std::move(position);
  parsed.status = own && !message.position ? BackplaneStatus::own : BackplaneStatus::ok;
  return parsed;
}

}  // namespace wscast::protocol
