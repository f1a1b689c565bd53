#pragma once

#include <algorithm>
#include <string_view>

#include "wscast/options.h"

#include "hub/client_record.h"

namespace wscast::server {

/// Whether hooks report memberships of `room`: not of default rooms, which all clients are in.
inline bool is_reported(const SessionOptions& options, std::string_view room) {
  return std::ranges::find(options.default_rooms, room) == options.default_rooms.end();
}

/// Notified of the memberships that the hooks joined and left report. Shard thread only.
class RoomEvents {
 public:
  virtual ~RoomEvents() = default;

  /// Whether one of the two hooks is set.
  virtual bool wanted() const noexcept = 0;

  /// The client has joined `room`. Throws std::bad_alloc: it is not noted.
  virtual void on_joined(const hub::ClientRecord& client, std::string_view room) = 0;

  /// The client has left `room`, or ends. Without memory it is not noted, which is counted.
  virtual void on_left(const hub::ClientRecord& client, std::string_view room) noexcept = 0;
};

}  // namespace wscast::server
