#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/client_id.h"
#include "base/clock.h"

namespace wscast {

/// Is notified of what happens to one message that is followed (wscast/trace.h). Frames carry it:
/// shared by all that carry the message. Any thread.
class MessageTrace {
 public:
  virtual ~MessageTrace() = default;

  /// A shard has passed the message to its receivers.
  virtual void on_delivered(std::size_t accepted, std::size_t dropped) noexcept = 0;

  /// The kernel has the whole frame for that client.
  virtual void on_written(const std::optional<ClientId>& client, SteadyTime when) noexcept = 0;

  /// It does not reach the client; without one: any client of a shard. `why`: for people.
  virtual void on_dropped(const std::optional<ClientId>& client, std::string_view why) noexcept = 0;
};

}  // namespace wscast
