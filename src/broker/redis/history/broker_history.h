#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "wscast/redis.h"

#include "base/clock.h"
#include "broker/redis/broker_log.h"
#include "broker/redis/history/redis_history.h"
#include "broker/redis/history/script_client.h"
#include "broker/redis/pubsub/publish_connection.h"

namespace wscast::redis {

/// The history of rooms on the connection that publishes, so that messages with and without a
/// history keep their order. Loop thread only.
class BrokerHistory {
 public:
  /// Callbacks to the owner. All of them are required.
  struct Host {
    std::function<void(std::function<void()>)> later;  ///< Runs it from the loop.
    std::function<void(Backplane outcome)> count;      ///< Of a message.
  };

  /// `has_sentinels`: the connection looks for a master. `log` and `clock` must outlive it.
  BrokerHistory(const RedisOptions& options, bool has_sentinels, BrokerLog& log, const Clock& clock,
                Host host);

  History& history() { return history_; }

  /// The connection to use. Null: none any more; what is called then is not called back.
  void set_connection(PublishConnection* connection) { connection_ = connection; }

  void on_lost() { scripts_.on_lost(); }

 private:
  RedisHistory::Host history_host(Host host);
  void send(std::span<const std::string_view> words, Publisher::OnAnswer on_answer);
  void on_read_only(const std::string& why);

  const bool has_sentinels_;
  BrokerLog& log_;
  const Clock& clock_;
  PublishConnection* connection_ = nullptr;
  ScriptClient scripts_;
  RedisHistory history_;
  std::optional<SteadyTime> read_only_at_;  ///< When that last made it reconnect.
};

}  // namespace wscast::redis
