#pragma once

#include <atomic>
#include <string_view>
#include <system_error>

#include "wscast/calls.h"
#include "wscast/error.h"
#include "wscast/server_options.h"

#include "server/channel_interest.h"
#include "server/directory.h"
#include "server/history_interest.h"
#include "server/room_occupancy.h"
#include "server/shard_router.h"

namespace wscast::server {

/// What the application does to clients: membership, encryption and closing, by commands to their
/// shards. The calls are those of the same names of Server; each throws std::bad_alloc, and has
/// then done nothing, except that a client whose membership was to change may be ended, and that
/// some clients of a user may be closed. Any thread.
class ClientControl {
 public:
  /// All of them must outlive it. While `running` is false calls return Errc::stopped.
  ClientControl(const std::atomic<bool>& running, const ServerOptions& options,
                Directory& directory, ShardRouter& router, ChannelInterest& interest,
                RoomOccupancy& occupancy, const HistoryInterest* history = nullptr)
      : running_(running),
        options_(options),
        directory_(directory),
        router_(router),
        interest_(interest),
        occupancy_(occupancy),
        history_(history) {}

  std::error_code join_room(const Membership& membership) { return change(membership, true); }
  std::error_code leave_room(const Membership& membership) { return change(membership, false); }
  std::error_code enable_client_encryption(std::string_view client_id);
  std::error_code close_client(const CloseClient& call);
  std::error_code close_user(const CloseUser& call);
  std::error_code revoke_user(const RevokeUser& call);

 private:
  std::error_code change(const Membership& membership, bool in);
  void note(std::string_view room, bool in) noexcept;
  void bring(std::size_t shard, const MembershipChange& change);
  template <class MakeCommand>
  std::error_code route_to(std::string_view client_id, MakeCommand make_command);

  const std::atomic<bool>& running_;
  const ServerOptions& options_;
  Directory& directory_;
  ShardRouter& router_;
  ChannelInterest& interest_;
  RoomOccupancy& occupancy_;
  const HistoryInterest* history_;  ///< Null: no room has a history.
};

}  // namespace wscast::server
