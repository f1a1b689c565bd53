#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/client_id.h"
#include "hub/hub.h"
#include "protocol/envelope.h"
#include "protocol/history_messages.h"
#include "protocol/rooms_request.h"
#include "session/rooms_ack.h"

namespace wscast::session {

/// Carries out a client's `join` or `leave`, one at a time, from the message to its `ack`
/// (protocol.md M7, M8, X1). Changes the hub, sends nothing. Holds memory only while a request is
/// open. Shard thread only.
class RoomsOperation {
 public:
  /// How the result of the validate-rooms hook was taken.
  struct Validated {
    bool invalid_result = false;  ///< It was not UTF-8, and counted as a throw (M16).
    std::size_t dropped_rooms =
        0;  ///< Not joined, since no client, or not this one, may be in them.
  };

  /// Reads a `join`, at most `max_rooms` of its rooms. Its `ack`, if it has an id, has
  /// `not allowed` for each until on_validated() or join() sets another outcome.
  protocol::RoomsRequest begin_join(const protocol::Envelope& envelope, std::size_t max_rooms);

  /// Carries out a `leave`, for at most `max_rooms` of its rooms.
  protocol::RoomsRequest leave(hub::Hub& hub, hub::Member& client,
                               const protocol::Envelope& envelope, std::size_t max_rooms);

  /// Keeps the rooms that `client` is to join, requested or not (M7), and may be in.
  /// `std::nullopt`: the hook threw.
  Validated on_validated(std::optional<std::vector<std::string>> rooms, const ClientId& client);

  /// Whether rooms() are left to subscribe to, and then to join().
  bool subscribing() const { return open_ && !open_->rooms.empty(); }
  const std::vector<std::string>& rooms() const { return open_->rooms; }

  /// Joins rooms() except `refused`: the broker refused their channels. Returns false if the
  /// client reached `max_rooms`: the further ones were not joined (protocol.md O13).
  bool join(hub::Hub& hub, hub::Member& client, std::size_t max_rooms,
            std::span<const std::string> refused);

  /// What the client of the `join` that has begun has seen of its rooms (protocol.md H5).
  void recover(protocol::Recovery recovery);
  const protocol::Recovery& recovery() const;

  /// The member `positions` of the `ack`, a JSON text.
  void set_positions(std::string json);

  bool has_ack() const { return open_ && open_->ack; }

  /// Ends the operation. Returns the `ack`; `std::nullopt` if there is none.
  std::optional<std::string> finish();

 private:
  struct Open {
    std::optional<RoomsAck> ack;
    std::vector<std::string> rooms;
    protocol::Recovery recovery;
  };

  Open& open();
  void begin_ack(std::optional<std::string_view> id, const protocol::RoomsRequest& request,
                 RoomOutcome assumed);

  std::unique_ptr<Open> open_;
};

}  // namespace wscast::session
