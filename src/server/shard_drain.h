#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <vector>

#include "base/client_id.h"
#include "base/clock.h"
#include "hub/hub.h"
#include "server/shard_executor.h"
#include "session/session.h"

namespace wscast::server {

/// The part that one shard has in closing all clients of a server evenly: of `total` clients it
/// has those from `first` on.
struct DrainShare {
  std::chrono::milliseconds time{};
  std::size_t first = 0;
  std::size_t total = 0;
};

/// Closes the clients of one shard one after the other (protocol.md X7): one timer, in small steps,
/// for all of them. Shard thread only.
class ShardDrain {
 public:
  /// How often clients are closed.
  static constexpr std::chrono::milliseconds kStep{10};

  /// Both must outlive it; `executor` must run nothing once this is destroyed.
  ShardDrain(ShardExecutor& executor, const hub::Hub& hub) : executor_(executor), hub_(hub) {}
  ShardDrain(const ShardDrain&) = delete;
  ShardDrain& operator=(const ShardDrain&) = delete;

  /// Closes the clients that are not authenticated. Returns the number of the others, which
  /// start() is for. No client may come from now on.
  std::size_t begin();

  /// Tells each client when it should reconnect, and closes it then; calls `done` once the last one
  /// is closed. Throws std::bad_alloc: some clients may have been told, none is closed.
  void start(const DrainShare& share, std::function<void()> done);

 private:
  std::chrono::milliseconds delay_of(std::size_t client) const;
  session::Session* find(std::size_t client) const;
  void announce(std::size_t client);
  bool close_due();

  ShardExecutor& executor_;
  const hub::Hub& hub_;
  std::vector<ClientId> clients_;
  std::size_t closed_ = 0;  ///< So many of `clients_` are.
  DrainShare share_;
  SteadyTime started_{};
  std::function<void()> done_;
};

}  // namespace wscast::server
