#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "wscast/history.h"

namespace wscast {

/// Whether a message reached the broker that carries it to the other servers.
enum class Backplane : std::uint8_t {
  none,     ///< It was not for other servers: the memory broker, or a call for this server alone.
  ok,       ///< The broker accepted it.
  down,     ///< The broker did not get it, or refused it; it is not sent again.
  unknown,  ///< The connection broke, or the broker did not respond in time.
};

/// What became of a message to several clients.
struct PublishResult {
  std::size_t accepted = 0;  ///< Clients of this server that it was queued for.
  std::size_t dropped = 0;   ///< Clients of this server that it was dropped for: not connected yet,
                             ///< or over `backpressure_limit`.
  Backplane backplane = Backplane::none;

  /// Of a message into a room with history that is `ok`: where it stands there. Then the clients
  /// are not counted, since all of them get it from the broker (protocol.md H10).
  std::optional<Position> position{};
  bool repeated = false;  ///< Its key was known: it had been published before (Send::key).
};

/// Receives the result of a call, once, on a shard thread, later and never inside the call. It does
/// not run when the call returned an error or ignored the message (protocol.md D11; the reference's
/// `cb`).
using OnResult = std::function<void(const PublishResult&)>;

}  // namespace wscast
