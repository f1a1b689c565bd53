#pragma once

#include <cstdint>

namespace wscast {

/// The state of a WebSocket connection, with the numbers of the browsers' `WebSocket.readyState`.
enum class ReadyState : std::uint8_t {
  connecting = 0,
  open = 1,
  closing = 2,  ///< A close frame was sent or received; nothing more can be sent.
  closed = 3,
};

}  // namespace wscast
