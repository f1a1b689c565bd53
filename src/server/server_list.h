#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <vector>

#include "wscast/servers.h"

#include "base/clock.h"

namespace wscast::server {

/// The other servers on the broker, as they last announced themselves (protocol.md X11). The time
/// is passed in. Any thread.
class ServerList {
 public:
  /// How long a server that is silent stays known: two announcements may be lost.
  static constexpr std::chrono::seconds kForgetAfter{15};
  static constexpr std::size_t kMaxServers = 1'000;

  /// The server of `info.id` is there. Returns whether it was unknown; one more than kMaxServers is
  /// ignored.
  bool update(ServerInfo info, SteadyTime now);
  void remove(const std::string& id);

  /// Forgets who was silent for too long.
  void forget_silent(SteadyTime now);

  /// No announcement could arrive until now: all servers stay known.
  void refresh(SteadyTime now);

  /// In the order of their ids.
  std::vector<ServerInfo> servers() const;
  std::vector<std::string> ids() const;

 private:
  struct Entry {
    ServerInfo info;
    SteadyTime announced;
  };

  mutable std::mutex mutex_;
  std::map<std::string, Entry> servers_;
};

}  // namespace wscast::server
