// Feeds one text to the reader of messages between servers, and holds it against the scanner
// and the writer.

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "protocol/backplane_message.h"
#include "protocol/channel.h"
#include "protocol/json_scanner.h"
#include "protocol/json_string.h"
#include "protocol/server_messages.h"
#include "protocol/utf8.h"
#include "stream.h"

namespace wscast::protocol {
namespace {

using fuzz::require;

constexpr std::string_view kOwnId = "own";

std::optional<std::string> string_of(const std::optional<JsonValue>& value) {
  if (!value || value->kind != JsonKind::string) return std::nullopt;
  return decode_json_string(value->text);
}

bool same(const BackplaneMessage& a, const BackplaneMessage& b) {
  return a.type == b.type && a.target == b.target && a.event == b.event && a.data == b.data &&
         a.exclude == b.exclude;
}

std::string written(const BackplaneMessage& message, std::string_view server_id) {
  return backplane_message({.server_id = server_id,
                            .type = message.type,
                            .target = message.target,
                            .event = message.event,
                            .data = message.data,
                            .exclude = message.exclude.empty() ? nullptr : &message.exclude});
}

/// What was read, written and read again is the same, and the writer has one form only.
void check_round_trip(const BackplaneMessage& message) {
  const auto text = written(message, kEmitterId);
  const auto again = parse_backplane_message(text, kOwnId, kMaxJsonDepth);
  require(again.status == BackplaneStatus::ok, "what is written is read");
  require(same(again.message, message), "what is written is what was read");
  require(written(again.message, kEmitterId) == text, "the writer has one form");
  require(parse_backplane_message(written(message, kOwnId), kOwnId, kMaxJsonDepth).status ==
              BackplaneStatus::own,
          "our own id is known");
}

/// The data of a message for servers: what was read, written and read again is written the same.
template <class Read, class Write>
void check_server_data(std::string_view data, Read read, Write write) {
  const auto first = read(data);
  if (!first) return;
  const std::string text = write(*first);
  const auto again = read(text);
  require(again && write(*again) == text, "what a server says is read as it was written");
}

void check_server_message(const BackplaneMessage& message) {
  require(is_utf8(message.server_id), "a sender");
  require(server_channel(message.target) == channel_of(message.type, message.target), "a channel");
  if (!message.data) return;
  check_server_data(*message.data, read_announcement, announcement_data);
  check_server_data(*message.data, read_request, request_data);
  check_server_data(*message.data, read_response, response_data);
}

void check_message(const BackplaneMessage& message) {
  if (message.type == BackplaneTarget::server) check_server_message(message);
  const bool broadcast = message.type == BackplaneTarget::broadcast;
  require(message.target.empty() == broadcast, "a target, but for a broadcast");
  require(is_utf8(message.event) && is_utf8(message.target), "UTF-8 goes out");
  for (const auto& id : message.exclude) require(is_utf8(id), "UTF-8 goes out");
  if (message.data) {
    require(scan_json(*message.data, kMaxJsonDepth - 1)->text == *message.data,
            "data is one value");
  }
  for (const auto& channel : {room_channel(message.target), client_channel(message.target),
                              user_channel(message.target), probe_channel(message.target)}) {
    require(channel.starts_with("ws:") && channel.ends_with(':' + message.target), "a channel");
  }
  check_round_trip(message);
}

/// What the scanner finds decides between malformed, own and the rest.
BackplaneStatus expected_status(std::string_view text, bool acted_upon) {
  constexpr std::array<std::string_view, 2> kNames = {"event", "serverId"};
  std::array<std::optional<JsonValue>, 2> values;
  if (!is_utf8(text) || scan_object(text, kNames, values) != ObjectScan::object) {
    return BackplaneStatus::malformed;
  }
  if (!values[0] || values[0]->kind != JsonKind::string) return BackplaneStatus::malformed;
  if (!values[1] || values[1]->kind != JsonKind::string) return BackplaneStatus::malformed;
  if (string_of(values[1]) == kOwnId) return BackplaneStatus::own;
  if (!string_of(values[0])) return BackplaneStatus::malformed;
  return acted_upon ? BackplaneStatus::ok : BackplaneStatus::unroutable;
}

void check(std::string_view text) {
  const auto parsed = parse_backplane_message(text, kOwnId, kMaxJsonDepth);
  const bool ok = parsed.status == BackplaneStatus::ok;
  require(parsed.status == expected_status(text, ok), "the scanner agrees");
  if (ok) check_message(parsed.message);

  constexpr std::size_t kFlat = 3;
  const auto flat = parse_backplane_message(text, kOwnId, kFlat);
  if (flat.status == BackplaneStatus::malformed) return;
  require(flat.status == parsed.status && same(flat.message, parsed.message),
          "depth makes malformed or nothing");
}

}  // namespace
}  // namespace wscast::protocol

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  wscast::protocol::check({reinterpret_cast<const char*>(data), size});
  return 0;
}
