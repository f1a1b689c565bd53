#pragma once

#include <atomic>
#include <cstddef>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include "wscast/external_server.h"

#include "server/directory.h"
#include "server/external_clients.h"
#include "server/shard_router.h"

namespace wscast::server {

/// What an external WebSocket server calls (ExternalServerHandler): passes it on to the shards of
/// its clients, which follow from their ids. Messages are charged to the queue of their shard. Any
/// thread.
class ExternalGateway {
 public:
  /// All of them must outlive it. While `running` is false every call returns Errc::stopped.
  ExternalGateway(const std::atomic<bool>& running, Directory& directory, ShardRouter& router)
      : running_(running), directory_(directory), router_(router) {}

  struct Shard {
    ShardExecutor* executor;
    ExternalClients* clients;
  };

  /// Call it once, before the shards run.
  void connect(std::vector<Shard> shards) { shards_ = std::move(shards); }

  /// Errc::client_exists: there is a client of that id (protocol.md O21).
  std::error_code open(std::string_view client_id, std::shared_ptr<ExternalTransport> transport);

  /// Errc::overloaded: too much waits for the client's shard already.
  std::error_code message(std::string_view client_id, std::string_view payload, bool binary);
  std::error_code close(std::string_view client_id);
  std::error_code drain(std::string_view client_id);

  /// From now on open() returns Errc::stopped.
  void refuse_opens() { opens_ = false; }

  /// Waits until every open() that found the server running is on its way to its shard.
  void await_opens() { const std::unique_lock none(opening_); }

 private:
  std::size_t shard_of(const ClientId& client) const;
  template <class Task>
  void post(std::size_t to, Task task);

  const std::atomic<bool>& running_;
  Directory& directory_;
  ShardRouter& router_;
  std::vector<Shard> shards_;
  std::atomic<bool> opens_{true};
  std::shared_mutex opening_;  ///< Shared by calls of open().
};

}  // namespace wscast::server
