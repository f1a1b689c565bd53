#pragma once

#include <string>
#include <vector>

namespace wscast::server {

/// Changes of this server's interest in channels of the other servers (protocol.md section 3). It
/// wants the channel of a room, user or client while it has one such client.
struct Interest {
  std::vector<std::string> subscribe;
  std::vector<std::string> unsubscribe;

  bool empty() const { return subscribe.empty() && unsubscribe.empty(); }
};

}  // namespace wscast::server
