#pragma once

#include <chrono>

namespace wscast {

/// How a server sends its clients to others before it stops (Server::drain(), protocol.md X7). The
/// initialisers are the defaults. Neither may be negative.
struct DrainOptions {
  /// How long clients stay undisturbed, and listening sockets open: long enough for load balancers
  /// to see that `/ready` is 503. Then the listening sockets are closed. 0: at once.
  std::chrono::milliseconds delay{0};

  /// Over how long the clients are closed, evenly. Each is notified before of when to reconnect. 0:
  /// all at once and without that, as shutdown() does.
  std::chrono::milliseconds time{10'000};
};

}  // namespace wscast
