#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace wscast::protocol {

/// Longest room name, in UTF-16 code units (protocol.md M7).
inline constexpr std::size_t kMaxRoomNameUnits = 256;

/// The request of a `join` or `leave`: the `rooms` of its data, in order, duplicates included.
struct RoomsRequest {
  /// An entry that is a string: its JSON text, in the data that was read.
  struct Name {
    std::string_view text;
    bool valid;  ///< It is among `rooms`.
  };

  std::vector<std::string> rooms;
  std::size_t dropped = 0;  ///< Entries that are no usable name, among those that were read.
  bool too_many = false;    ///< There are more entries than may be named; the rest was not read.
  bool is_list = false;     ///< `rooms` is an array.
  std::size_t not_strings = 0;  ///< Dropped entries that are no strings.
  std::vector<Name> names{};    ///< All entries, usable or not.

  /// Number of entries that were read.
  std::size_t size() const { return rooms.size() + dropped; }
};

/// Whether clients may join a room of this name: not empty, not too long, and not beginning with
/// `ws:`, which is for channels (M7). `name` must be UTF-8.
bool is_valid_room_name(std::string_view name);

/// Reads the data of a `join` (M7): at most `max_names` entries, of which those are dropped that
/// are no strings, no valid room names, or hold a lone surrogate (M16). Anything but an object with
/// an array `rooms` is an empty list (M10). `data` is the text of a value that was scanned.
RoomsRequest parse_rooms(std::optional<std::string_view> data, std::size_t max_names);

/// The same for a `leave` (M8), which may name any room: the application can put a client into one
/// that it could not have joined.
RoomsRequest parse_rooms_to_leave(std::optional<std::string_view> data, std::size_t max_names);

}  // namespace wscast::protocol
