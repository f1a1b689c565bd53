#pragma once

#include <cstddef>
#include <new>
#include <string>
#include <vector>

namespace wscast::server {

/// Changes of this server's interest in channels of the other servers (protocol.md section 3). It
/// wants the channel of a room, user or client while it has one such client.
struct Interest {
  std::vector<std::string> subscribe;
  std::vector<std::string> unsubscribe;
  std::size_t lost = 0;  ///< Channels that stay subscribed, since there was no memory to note them.

  /// Adds what `make_channel` returns to `unsubscribe`. A client's end must not fail.
  template <class MakeChannel>
  void drop(MakeChannel make_channel) noexcept {
    try {
      unsubscribe.push_back(make_channel());
    } catch (const std::bad_alloc&) {
      ++lost;
    }
  }

  bool empty() const { return subscribe.empty() && unsubscribe.empty(); }
};

}  // namespace wscast::server
