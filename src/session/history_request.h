#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "wscast/history.h"

#include "hub/history_message.h"
#include "protocol/history_messages.h"

namespace wscast::session {

/// What one client wants to know of rooms with a history: for each, the position that the messages
/// which it gets from the answer on come behind, and what it has missed.
struct HistoryRequest {
  struct Room {
    std::string name;
    std::optional<Position> seen{};  ///< Missed is what comes behind it; without: nothing.
  };

  std::uint32_t number = 0;  ///< Of the client's requests.
  std::vector<Room> rooms;
};

/// The answer. When it is handled, the shard has delivered of each room the messages up to the last
/// of `missed`, or up to `position` if there are none, and none behind; unless there is more.
struct HistoryAnswer {
  struct Room {
    std::string name;

    /// What the messages of `missed`, then those that are delivered, come behind; `std::nullopt`:
    /// nobody knows.
    std::optional<Position> position{};

    std::optional<protocol::LossReason> lost{};  ///< Why what was missed is not in `missed`.
    std::vector<hub::SharedHistoryMessage> missed{};
    bool more = false;  ///< There is more behind `missed`, to be asked for next.
  };

  std::uint32_t number = 0;
  std::vector<Room> rooms;
};

}  // namespace wscast::session
