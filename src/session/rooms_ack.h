#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

#include "base/string_hash.h"
#include "protocol/rooms_request.h"

namespace wscast::session {

/// What became of one room that a `join` or `leave` named.
enum class RoomOutcome : std::uint8_t {
  joined,
  left,
  invalid_name,    ///< No client may be in a room of that name (protocol.md M7, M16).
  not_allowed,     ///< By the validate-rooms hook, for want of one, or another client's (D14).
  too_many_rooms,  ///< The client is in as many rooms as it may be (O13).
  unavailable,     ///< The broker refused the room's channel.
  error,           ///< The validate-rooms hook threw (O18).
};

/// The word of the wire.
std::string_view to_string(RoomOutcome outcome);

/// Collects what became of the rooms of one `join` or `leave` that has an id, for the one `ack`
/// that it is answered with (protocol.md X1). A value; one thread at a time.
class RoomsAck {
 public:
  /// Each room that `request` names has the outcome `assumed`, unless its name is invalid, until
  /// set() says otherwise. `id`: a JSON text, which comes back as it is. Both are copied.
  RoomsAck(std::string_view id, const protocol::RoomsRequest& request, RoomOutcome assumed);

  /// `room` need not have been asked for.
  void set(std::string_view room, RoomOutcome outcome);

  /// Of all rooms that were asked for and have a valid name.
  void set_all(RoomOutcome outcome);

  /// The `ack`.
  std::string text() const;

 private:
  struct Entry {
    std::string name;  ///< A JSON text: as it came, or made of a room that the hook added.
    RoomOutcome outcome;
  };

  std::string id_;
  std::string_view fault_;  ///< Of the request as a whole; empty: none.
  std::vector<Entry> entries_;
  boost::unordered_flat_map<std::string, std::size_t, StringHash, std::equal_to<>> places_;
};

}  // namespace wscast::session
