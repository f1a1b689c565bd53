#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/server_options.h"
#include "wscast/servers.h"

#include "base/named_log.h"
#include "protocol/backplane_message.h"
#include "protocol/server_messages.h"
#include "server/backplane_port.h"
#include "server/hook_runner.h"
#include "server/server_list.h"
#include "server/shard_executor.h"

namespace wscast::server {

/// Finds the other servers on the broker, and carries calls to them and theirs to this one
/// (protocol.md X11). Does nothing without ServerOptions::announce. Thread of the broker's shard,
/// unless noted.
class ServerCalls {
 public:
  static constexpr std::chrono::seconds kAnnounceEvery{5};
  static constexpr std::size_t kMaxCalls = 1'000;     ///< Of this server, at a time.
  static constexpr std::size_t kMaxRequests = 1'000;  ///< Of others, at a time.

  struct Parts {
    const ServerOptions& options;
    const std::string& server_id;
    const std::atomic<bool>& running;
    const NamedLog& log;
    BackplanePort& backplane;
  };

  /// `describe` says what this server announces, but for its id. What `parts` refers to, and
  /// `executor`, must outlive it.
  ServerCalls(ShardExecutor& executor, const Parts& parts, std::function<ServerInfo()> describe);

  /// The broker is ready: lets the others know of this server from now on.
  void start();

  /// Lets the others know that this server ends. Calls under way end unanswered.
  void stop();

  /// A message of another server that is for servers.
  void on_message(const protocol::BackplaneMessage& message);

  // Any thread.

  /// The call of that name of Server.
  std::error_code call(const CallServers& call);

  /// This server first, then the others in the order of their ids.
  std::vector<ServerInfo> servers() const;

 private:
  struct Call {
    OnServersResult on_result;
    ServersResult result;
    std::set<std::string> missing;  ///< Servers that have not responded.
  };

  bool announces() const;
  void announce(bool greeting, bool stopped);
  void begin(std::uint64_t id, Call call, const std::string& channel, const std::string& envelope,
             std::chrono::milliseconds timeout);
  void end(std::uint64_t id);
  void on_announcement(const protocol::BackplaneMessage& message);
  void on_request(const protocol::BackplaneMessage& message);
  void on_response(const protocol::BackplaneMessage& message);
  void respond(const std::string& caller, std::uint64_t id, std::string_view response);
  std::string envelope(std::string_view target, std::string_view event,
                       std::string_view data) const;

  ShardExecutor& executor_;
  const Parts parts_;
  const std::function<ServerInfo()> describe_;
  HookRunner runner_;
  ServerList list_;
  std::atomic<std::size_t> open_calls_{0};
  std::atomic<std::uint64_t> next_call_{1};
  std::map<std::uint64_t, Call> calls_;
  std::size_t open_requests_ = 0;
  bool refused_ = false;  ///< The broker's ACL does not allow it.
  bool stopped_ = false;
};

}  // namespace wscast::server
