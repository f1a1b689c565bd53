#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "wscast/server.h"

#include "net/engine.h"
#include "server/courier.h"
#include "server/directory.h"
#include "server/shard_application.h"
#include "server/site.h"

namespace wscast::server {

/// One server: its shards, their directory and the courier between them; start and stop. Any
/// thread.
class Node {
 public:
  /// `options` were validated.
  explicit Node(ServerOptions options);
  ~Node();

  void configure();
  std::string listen(std::string_view endpoint);
  std::error_code send(const SendOptions& options);
  void shutdown();
  void wait();

  const Directory& directory() const { return directory_; }
  Stats stats() const;

 private:
  enum class State { made, running, stopping, stopped };

  ShardApplication& application(std::size_t shard);
  net::Shard* calling_shard() const;
  std::error_code deliver(const Delivery& delivery, const std::vector<std::size_t>& shards);
  std::vector<std::size_t> all_shards() const;
  void stop();

  const ServerOptions options_;
  const Site site_;
  Directory directory_;
  Courier courier_;
  NodeContext context_;
  net::Engine engine_;
  std::atomic<std::uint64_t> overloaded_{0};
  mutable std::mutex mutex_;  ///< Of start and stop alone.
  std::condition_variable changed_;
  State state_ = State::made;
  std::atomic<bool> running_{false};
  std::thread stopper_;
};

}  // namespace wscast::server
