#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wscast/redis.h"

#include "base/clock.h"
#include "broker/redis/history/cluster_scripts.h"
#include "broker/redis/history/redis_history.h"
#include "broker/redis/history/script_client.h"
#include "broker/redis/pubsub/publish_connection.h"

namespace wscast::redis {

/// The history of rooms on the connection that publishes, so that messages with and without a
/// history keep their order; in a Cluster on connections to the masters. Loop thread only.
class BrokerHistory {
 public:
  /// Callbacks to the owner. All of them are required.
  struct Host {
    std::function<void(std::function<void()>)> later;     ///< Runs it from the loop.
    std::function<void(Backplane outcome)> count;         ///< Of a message.
    std::function<void(const std::string& why)> refused;  ///< In Redis' words.
    std::function<void()> settled;                        ///< No outcome is open any more.
  };

  /// All references must outlive it.
  BrokerHistory(const RedisOptions& options, const RedisUrl& url, const Clock& clock, Host host);

  RedisHistory& history() { return history_; }

  /// The connection that publishes.
  void start(boost::asio::io_context& loop, PublishConnection& connection);

  /// That was lost.
  void on_lost() { scripts_.on_lost(); }

  /// Sends what waits, so that what is published next does not overtake it.
  void flush() { history_.flush(); }

  /// Whether no outcome is open that is not on that connection.
  bool settled() const { return history_.settled() && (!cluster_ || cluster_->settled()); }

  /// Closes the other connections; see ClusterScripts::stop().
  void stop(bool inside) {
    if (cluster_) cluster_->stop(inside);
  }

  /// Destroys what refers to the loop; what is called from now on is not called back.
  void release_loop();

 private:
  bool is_cluster() const { return url_.kind == RedisUrl::Kind::cluster; }
  RedisHistory::Host history_host();
  void run(ScriptCall call, Publisher::OnAnswer on_answer);
  void send(std::span<const std::string_view> words, Publisher::OnAnswer on_answer);
  void on_read_only(const std::string& why);

  const RedisOptions& options_;
  const RedisUrl& url_;
  const Clock& clock_;
  const Host host_;
  PublishConnection* connection_ = nullptr;
  ScriptClient scripts_;
  RedisHistory history_;
  std::unique_ptr<ClusterScripts> cluster_;
  std::optional<SteadyTime> read_only_at_;  ///< When that last made it reconnect.
};

}  // namespace wscast::redis
