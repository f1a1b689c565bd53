#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "wscast/client.h"
#include "wscast/history.h"
#include "wscast/json.h"

namespace wscast::client {

/// How far the client has seen the history of a room; empty where the server could not find out.
struct SeenPosition {
  std::optional<std::uint64_t> offset{};
  std::string epoch{};

  friend bool operator==(const SeenPosition&, const SeenPosition&) = default;
};

/// What the server says of a room with history that the client has come into (protocol.md H4, H5).
struct RoomEntry {
  SeenPosition position{};
  bool recovered = false;
  std::string reason{};
};

/// Reads `{"offset":n,"epoch":"e"}`; nothing is seen if it is `null`.
SeenPosition read_position(Json position);

/// Reads an entry of `positions`.
RoomEntry read_entry(Json entry);

/// The client has come into the room; `entry` is empty where there is no history. Updates `seen`,
/// which is empty without a history. Returns what it missed since it was there before.
std::optional<ClientGap> enter_room(std::string_view room, std::optional<SeenPosition>& seen,
                                    const std::optional<RoomEntry>& entry);

/// The client does not receive what it published itself at `own`. If that is next it counts as
/// seen, or a later connection, whose id is another, would get it (protocol.md H5).
void count_own(std::optional<SeenPosition>& seen, const Position& own);

}  // namespace wscast::client
