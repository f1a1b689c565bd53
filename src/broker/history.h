#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "wscast/history.h"
#include "wscast/publish_result.h"

namespace wscast {

/// A message for the history of a room, and for who is subscribed to the room's channel.
struct HistoryAppend {
  std::string room;
  std::string envelope;  ///< A JSON object, without `offset` and `epoch` (protocol.md H3).
  HistoryLimits limits{};

  /// Not empty: a second message with this key for the room is not published within 5 minutes; it
  /// gets the position of the first.
  std::string key{};
};

struct HistoryAppended {
  /// `ok`: it is in the history. `down`: it certainly is not. `unknown`: it may be.
  Backplane backplane = Backplane::down;
  Position position{};    ///< With `ok`.
  bool repeated = false;  ///< With `ok`: the key was known, and nothing was published.
};

/// A request for the messages of a room behind an offset.
struct HistoryRead {
  std::string room;
  std::uint64_t after = 0;
  HistoryLimits limits{};

  /// The page ends when its messages have so many bytes, perhaps before the newest.
  std::size_t max_bytes = 2 * 1024 * 1024;
};

struct HistoryEntry {
  std::uint64_t offset = 0;
  std::string envelope;  ///< As it was appended.
};

/// What a history has behind an offset.
struct HistoryPage {
  bool available = false;  ///< False: the broker has no history, is away, or refused the request.
  std::string epoch{};
  std::uint64_t last = 0;  ///< The offset of the newest message, kept or not.

  /// In order and without holes, up to `last` or HistoryRead::max_bytes; the first may be later
  /// than was requested, since what lies before is not kept any more. Empty: nothing behind the
  /// offset is kept.
  std::vector<HistoryEntry> entries{};
};

/// Keeps the messages of rooms, and numbers them in one order for all servers. Callbacks run later,
/// never inside the call, each once, in the order of the calls for one room. Broker's loop only.
/// Reading, too, begins a new epoch where there is none or where messages may have been lost
/// (protocol.md H9), so that each answer has one.
class History {
 public:
  virtual ~History() = default;

  /// Numbers the message, keeps it, and publishes it to the room's channel with `offset` and
  /// `epoch` as its last members. All or nothing.
  using Appended = std::function<void(const HistoryAppended&)>;
  virtual void append(HistoryAppend append, Appended done) = 0;

  using Page = std::function<void(HistoryPage)>;
  virtual void read(HistoryRead read, Page done) = 0;

  /// The position of the newest message of each of `rooms`, in their order; `std::nullopt` for
  /// those that cannot be told.
  struct Room {
    std::string name;
    HistoryLimits limits{};
  };
  using Positions = std::function<void(std::vector<std::optional<Position>>)>;
  virtual void read_positions(std::vector<Room> rooms, Positions done) = 0;
};

}  // namespace wscast
