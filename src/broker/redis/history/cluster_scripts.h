#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "wscast/redis.h"

#include "base/clock.h"
#include "base/random.h"
#include "broker/redis/connection/timer.h"
#include "broker/redis/discovery/cluster_slots.h"
#include "broker/redis/history/script_client.h"
#include "broker/redis/pubsub/publish_connection.h"

namespace wscast::redis {

/// Runs scripts on the masters of a Cluster, each on that which has the slot of its keys. It makes
/// a connection to a master when it needs one, and follows redirections. What cannot be sent for
/// want of memory ends as unsent. Loop thread only.
class ClusterScripts {
 public:
  /// All references must outlive it. `seed` is connected to any node, and is asked who has which
  /// slot. `settled`: no call is open any more.
  ClusterScripts(boost::asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
                 Random& random, const Clock& clock, PublishConnection& seed,
                 std::function<void()> settled);
  ~ClusterScripts();
  ClusterScripts(const ClusterScripts&) = delete;
  ClusterScripts& operator=(const ClusterScripts&) = delete;

  /// Never calls back inside the call.
  void run(ScriptCall call, Publisher::OnAnswer on_answer);

  bool settled() const { return open_ == 0; }

  /// Closes all connections. Calls that were not sent end inside this call, the others from the
  /// loop. `inside`: all of them inside this call, since the loop has ended.
  void stop(bool inside);

 private:
  struct Pending;
  struct Node;
  using Shared = std::shared_ptr<Pending>;

  template <class Send>
  void attempt(const Shared& pending, Send send) noexcept;
  void dispatch(const Shared& pending);
  void send(const Host& host, const Shared& pending, bool asking);
  void send_to(Node& node, const Shared& pending, bool asking);
  void note_answer(Node& node, const Publisher::Answer& answer);
  Node& node(const Host& host);
  std::unique_ptr<Node> make_node(const Host& host);
  void on_ready(Node& node);
  void on_lost(Node& node);
  void on_answer(const Host& host, const Shared& pending, const Publisher::Answer& answer);
  bool try_elsewhere(const Host& host, const Shared& pending, const RespValue& error);
  void finish(const Shared& pending, const Publisher::Answer& answer);
  void finish_unsent(const Shared& pending) noexcept;
  void request_slots(std::chrono::milliseconds pause);
  void on_slots(const Publisher::Answer& answer);
  void retry();

  boost::asio::io_context& loop_;
  const RedisOptions& options_;
  const RedisUrl& url_;
  Random& random_;
  const Clock& clock_;
  PublishConnection& seed_;
  const std::function<void()> settled_;

  SlotMap slots_;
  bool slots_requested_ = false;
  std::optional<SteadyTime> slots_at_;  ///< When they were last requested.
  std::deque<Shared> without_slots_;    ///< Wait for them.
  std::deque<Shared> retries_;
  Timer retry_timer_;
  std::map<std::string, std::unique_ptr<Node>> nodes_;  ///< By address.
  std::size_t open_ = 0;
  bool stopped_ = false;
};

}  // namespace wscast::redis
