#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/history.h"

namespace wscast::protocol {

/// Kind of receiver of a message between servers.
enum class BackplaneTarget : std::uint8_t {
  client,
  user,
  room,
  broadcast,
  server,  ///< Servers themselves: the one of that id, or `all` (protocol.md X11).
};

/// `serverId` that all emitters use (protocol.md R6).
inline constexpr std::string_view kEmitterId = "emitter";

/// Fields of a message between servers, for writing. `data` is JSON text that was validated.
struct BackplaneContent {
  std::string_view server_id{};
  BackplaneTarget type = BackplaneTarget::broadcast;
  std::string_view target{};  ///< Empty for a broadcast.
  std::string_view event{};
  std::optional<std::string_view> data{};
  const std::vector<std::string>* exclude = nullptr;  ///< Null: no `exclude`; empty is kept as [].
  std::string_view trace{};  ///< The id of a message that is followed (X12); empty: no `trace`.
};

/// `{"serverId":...,"type":...,"target":...,"event":...,"data":...,"exclude":[...],"trace":...}`,
/// keys in this order (protocol.md section 3).
std::string backplane_message(const BackplaneContent& content);

/// A message between servers that was read.
struct BackplaneMessage {
  BackplaneTarget type = BackplaneTarget::broadcast;
  std::string target{};
  std::string event{};
  std::optional<std::string_view> data{};  ///< The JSON text as it came, inside what was parsed.
  std::vector<std::string>
      exclude{};            ///< Of a room or broadcast, the entries that are strings (R5).
  std::string server_id{};  ///< Of a message for servers: its sender. Else empty.
  std::string trace{};      ///< Its id, of a message that is followed (X12). Else empty.
  std::optional<Position> position{};  ///< Of a message of a room with history (H3).
};

enum class BackplaneStatus : std::uint8_t {
  ok,
  own,         ///< Sent by `own_id` (R2), without a position.
  malformed,   ///< Not JSON, too deep, not UTF-8, no object; serverId or event no string (R1, R11).
  unroutable,  ///< An unknown type, or a target that is missing, empty or no string (R3).
};

struct ParsedBackplaneMessage {
  BackplaneStatus status = BackplaneStatus::malformed;
  BackplaneMessage message{};
};

/// Parses a message (protocol.md R1 to R5). The last of duplicate keys counts.
ParsedBackplaneMessage parse_backplane_message(std::string_view text, std::string_view own_id,
                                               std::size_t max_depth);

}  // namespace wscast::protocol
