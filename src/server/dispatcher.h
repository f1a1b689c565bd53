#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include "wscast/calls.h"
#include "wscast/error.h"
#include "wscast/result.h"
#include "wscast/stats.h"

#include "base/clock.h"
#include "base/named_log.h"
#include "protocol/backplane_message.h"
#include "protocol/channel.h"
#include "server/backplane_port.h"
#include "server/directory.h"
#include "server/shard_command.h"
#include "server/shard_router.h"
#include "server/traced_message.h"
#include "server/tracer.h"
#include "session/history_rules.h"

namespace wscast::server {

/// Sends messages: encodes each once, on the calling thread, and routes it to the shards that have
/// receivers and to the other servers. Any thread.
class Dispatcher {
 public:
  /// All of them must outlive it. While `running` is false calls return Errc::stopped. `clock`:
  /// marks messages with the time, so that their deliveries are measured; null: they are not.
  Dispatcher(const std::atomic<bool>& running, const std::string& server_id, const NamedLog& log,
             const Directory& directory, ShardRouter& router, const BackplanePort& backplane,
             Tracer& tracer, const Clock* clock = nullptr,
             const session::HistoryRules* history = nullptr)
      : running_(running),
        server_id_(server_id),
        log_(log),
        directory_(directory),
        router_(router),
        backplane_(backplane),
        tracer_(tracer),
        clock_(clock),
        history_(history) {}

  // The calls of the same names of Server.

  Result<int> send_to_client(const SendToClient& call);
  std::error_code send_to_user(const SendToUser& call);
  std::error_code send_to_room(const SendToRoom& call);
  std::error_code broadcast(const Broadcast& call);
  std::error_code send(const Send& call);

  /// Adds what was refused here.
  void add_to(Stats& stats) const;

 private:
  /// The parts that all messages to several clients have.
  struct Content {
    std::string_view event;
    const Json& data;
    const OnResult& on_result;
  };

  /// How the other servers are to address a message.
  struct RemoteTarget {
    protocol::BackplaneTarget type;
    const std::vector<std::string>* exclude = nullptr;
  };

  std::error_code publish(FanOut fan_out, const std::vector<std::size_t>& shards,
                          const Content& content, const RemoteTarget* remote = nullptr);
  void count_drop(const ClientId& client);
  const HistoryRule* history_of(const Send& call) const;
  std::error_code publish_history(const Send& call, const HistoryRule& rule);
  std::error_code make_remote(const RemoteTarget& remote, const std::string& target,
                              const Content& content, RemotePublish& made);

  const std::atomic<bool>& running_;
  const std::string& server_id_;
  const NamedLog& log_;
  const Directory& directory_;
  ShardRouter& router_;
  const BackplanePort& backplane_;
  Tracer& tracer_;
  const Clock* const clock_;
  const session::HistoryRules* const history_;  ///< Null: no room has a history.
  std::atomic<std::uint64_t> refused_full_{0};
  std::atomic<std::uint64_t> too_big_{0};
};

}  // namespace wscast::server
