#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/history.h"

#include "base/client_id.h"

namespace wscast::protocol {

/// Of what names a history (Position::epoch).
inline constexpr std::size_t kMaxEpochBytes = 64;

/// What a client asks for by `ext` of its `authenticate` (protocol.md H4, H5).
struct ClientExtensions {
  /// The `join` that is handled right behind `connected`. JSON texts.
  struct Join {
    std::string data;
    std::optional<std::string> id;
  };

  bool positions = false;
  std::optional<Join> join{};
};

/// Reads the text of `ext`, which was scanned. What is not as it should be is not asked for.
ClientExtensions parse_extensions(std::optional<std::string_view> ext);

/// What a client has seen of the rooms that it joins (protocol.md H5).
struct Recovery {
  struct Room {
    std::string name;
    Position seen;
  };

  std::vector<ClientId> ids;  ///< The client's former ids.
  std::vector<Room> rooms;

  /// Null: the client says nothing about that room.
  const Position* seen_of(std::string_view room) const;
};

/// Reads `recover` of the data of a `join`, a text that was scanned; at most `max_rooms` of it.
/// Entries that are no positions are skipped.
Recovery parse_recovery(std::optional<std::string_view> data, std::size_t max_rooms);

/// Why the messages that a client missed cannot be delivered (protocol.md H5, H6).
enum class LossReason : std::uint8_t { epoch, window, limit, unavailable };

std::string_view to_string(LossReason reason);

/// What `positions` says of one room.
struct RoomPosition {
  std::string_view room;
  const Position* position = nullptr;  ///< Null: it could not be found out.
  bool asked = false;                  ///< The client named what it has seen.
  std::optional<LossReason> lost{};    ///< With `asked`: why it was not recovered.
};

/// The object of all `positions`.
std::string positions_json(std::span<const RoomPosition> rooms);

/// Fields of `gap`.
struct Gap {
  std::string_view room;
  std::optional<std::uint64_t> from{};
  std::optional<std::uint64_t> to{};
  LossReason reason = LossReason::window;
  const Position* position = nullptr;  ///< Null: unknown.
};

/// `{"event":"gap","data":{"room":...,"from":...,"to":...,"reason":...,"position":...}}`
std::string gap_message(const Gap& gap);

/// A message of the server itself, marked as such for a client that asked for positions: with
/// `"server":true` as its last member (protocol.md H4).
std::string marked(std::string message);

/// The members behind `data` of a message with a position, and the end of the message.
std::string position_tail(std::string_view room, std::uint64_t offset);

}  // namespace wscast::protocol
