#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/client_id.h"
#include "protocol/history_messages.h"
#include "session/history_request.h"

namespace wscast::session {

/// What one client asked for about rooms with a history, and the rooms of which it gets nothing
/// live at the moment, since it first gets what it missed (protocol.md H4, H5, H7). Only clients
/// that asked, or read too slowly in such a room, have one. State in, action out; shard thread
/// only.
class HistoryReader {
 public:
  /// A room whose messages are to come from the history.
  struct Waiting {
    std::string room;
    std::optional<Position> seen{};  ///< Nothing: only the position is to be found out.
    bool joining = false;            ///< For the `join` or `connected` that is under way.
    std::uint32_t request = 0;       ///< The request that asks for it; 0: none yet.
  };

  bool positions = false;                                  ///< The client asked for positions.
  std::optional<protocol::ClientExtensions::Join> join{};  ///< To be handled behind `connected`.
  std::vector<ClientId> former{};                          ///< The client's former ids.

  /// Channels that stay subscribed until the client is connected.
  std::vector<std::string> pinned{};

  bool waits(std::string_view room) const { return find(room) != waiting_.end(); }

  /// Whether rooms wait for which nothing was requested yet, by a client that reads too slowly.
  bool replay_due() const {
    return std::ranges::any_of(waiting_,
                               [](const Waiting& one) { return one.request == 0 && !one.joining; });
  }

  /// From now on the room waits. Replaces what was known of it.
  void wait(Waiting waiting) {
    forget(waiting.room);
    waiting_.push_back(std::move(waiting));
  }
  void forget(std::string_view room) {
    std::erase_if(waiting_, [&](const Waiting& one) { return one.room == room; });
  }

  /// The request for all rooms that wait for one, of those for a `join` or of the others; without
  /// rooms if there is none.
  HistoryRequest request(bool joining) {
    HistoryRequest request;
    for (Waiting& one : waiting_) {
      if (one.request != 0 || one.joining != joining) continue;
      if (request.rooms.empty()) request.number = next_request();
      one.request = request.number;
      request.rooms.push_back({one.room, one.seen});
    }
    return request;
  }

  /// Takes out the room of an answer; `std::nullopt`: nobody waits for it any more.
  std::optional<Waiting> take(std::string_view room, std::uint32_t request) {
    const auto found = find(room);
    if (found == waiting_.end() || found->request != request) return std::nullopt;
    std::optional<Waiting> taken = std::move(*found);
    waiting_.erase(found);
    return taken;
  }

  /// The request of the `join` or `connected` that is under way; 0: none.
  std::uint32_t join_request = 0;

 private:
  std::vector<Waiting>::iterator find(std::string_view room) {
    return std::ranges::find(waiting_, room, &Waiting::room);
  }
  std::vector<Waiting>::const_iterator find(std::string_view room) const {
    return std::ranges::find(waiting_, room, &Waiting::room);
  }
  std::uint32_t next_request() {
    if (++last_request_ == 0) ++last_request_;
    return last_request_;
  }

  std::vector<Waiting> waiting_;
  std::uint32_t last_request_ = 0;
};

}  // namespace wscast::session
