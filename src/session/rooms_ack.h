#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/string_hash.h"
#include "protocol/rooms_request.h"

namespace wscast::session {

/// The outcome of a `join` or `leave` for one room.
enum class RoomOutcome : std::uint8_t {
  joined,
  left,
  invalid_name,    ///< No client may be in a room of that name (protocol.md M7, M16).
  not_allowed,     ///< By the validate-rooms hook, without one, or another client's own (D14).
  too_many_rooms,  ///< The client is in as many rooms as it may be (O13).
  unavailable,     ///< The broker refused the room's channel.
  error,           ///< The validate-rooms hook threw (O18).
};

/// The word that the `ack` has for it.
std::string_view to_string(RoomOutcome outcome);

/// Collects the outcomes of one `join` or `leave` that has an id, for its one `ack` (protocol.md
/// X1). A value; one thread at a time.
class RoomsAck {
 public:
  /// Gives each room of `request` the outcome `assumed`, or `invalid_name`, until set() changes it.
  /// `id`: a JSON text, which the `ack` carries as it is. Both are copied.
  RoomsAck(std::string_view id, const protocol::RoomsRequest& request, RoomOutcome assumed);

  /// Sets the outcome of `room`, requested or not.
  void set(std::string_view room, RoomOutcome outcome);

  /// Sets the outcome of all requested rooms with a valid name.
  void set_all(RoomOutcome outcome);

  /// The member `positions`, a JSON text (protocol.md H4). Without it there is none.
  void set_positions(std::string json) { positions_ = std::move(json); }

  /// Returns the `ack`.
  std::string text() const;

 private:
  struct Entry {
    std::string name;  ///< A JSON text: as it came, or of a room that the hook added.
    RoomOutcome outcome;
  };

  std::string id_;
  std::string_view fault_;  ///< What is wrong with the whole request; empty: nothing.
  std::string positions_;
  std::vector<Entry> entries_;
  boost::unordered_flat_map<std::string, std::size_t, StringHash, std::equal_to<>> places_;
};

}  // namespace wscast::session
