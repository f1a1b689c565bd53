#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

/// Rooms with history: their messages are numbered and kept for a time, so that clients which were
/// away get what they missed (protocol.md section 7).
namespace wscast {

/// Where a message stands in the history of its room (protocol.md H2). Offsets are 1, 2, 3, ...
/// without holes; 0 is the position before the first message.
struct Position {
  std::uint64_t offset = 0;

  /// Names the history that the offset counts in. A new one begins where the old may have lost
  /// messages.
  std::string epoch{};

  friend bool operator==(const Position&, const Position&) = default;
};

/// How much of a room's history is kept: both limits hold.
struct HistoryLimits {
  std::size_t size = 1'000;                ///< Messages, 1 to 100,000.
  std::chrono::milliseconds ttl{600'000};  ///< How long a message is kept, 1 s to 30 days.

  friend bool operator==(const HistoryLimits&, const HistoryLimits&) = default;
};

/// Which rooms have a history. All servers and emitters of a broker must have the same rules.
struct HistoryRule {
  /// The room, or a pattern in which `*` stands for any characters: `orders-*`. Of several rules
  /// that match the first one counts. A client's own room has no history.
  std::string match{};

  HistoryLimits limits{};

  /// What becomes of a client that reads too slowly: it gets what it missed from the history once
  /// it has caught up. Off: messages to it are dropped as in other rooms, and it is told so.
  bool replay = true;

  friend bool operator==(const HistoryRule&, const HistoryRule&) = default;
};

}  // namespace wscast
