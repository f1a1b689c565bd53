#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "broker/redis/connection/connection.h"
#include "broker/redis/connection/timer.h"
#include "broker/redis/pubsub/publisher.h"

namespace wscast::redis {

/// The connection that publishes: a Publisher on a Connection. Loop thread only. Callbacks come
/// from the loop, never inside a call; they may call this, but not destroy it.
class PublishConnection final : private Connection::Handler {
 public:
  /// Callbacks to the owner. Each may be empty.
  struct Events {
    std::function<void()> ready{};
    std::function<void(bool was_ready, const std::string& why)> lost{};
    std::function<void()> settled{};                        ///< No outcome is open any more.
    std::function<void(const std::string& why)> refused{};  ///< Redis refused a message.
    std::function<void()> unexpected{};                     ///< A reply without a command.
    /// The nodes that a Cluster has now; this connection uses them already.
    std::function<void(const std::vector<Host>&)> nodes{};
  };

  PublishConnection(boost::asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
                    Random& random, const Clock& clock, Events events);
  ~PublishConnection() override;
  PublishConnection(const PublishConnection&) = delete;
  PublishConnection& operator=(const PublishConnection&) = delete;

  void start() { connection_.start(); }

  /// `channel` as on the wire, with its prefix. `done` may be empty, and does not run if it throws.
  void publish(std::string_view channel, std::string_view envelope, Publisher::Done done);

  /// See Publisher::command.
  void command(std::span<const std::string_view> words, Publisher::OnReply on_reply);

  /// See Publisher::query.
  void query(std::span<const std::string_view> words, Publisher::OnAnswer on_answer);

  /// The same; after RedisOptions::answer_timeout it is not answered, and stop() waits for it.
  void query_in_time(std::span<const std::string_view> words, Publisher::OnAnswer on_answer);

  void reconnect(const std::string& why) { connection_.reconnect(why); }

  /// Closes for good. Each message whose outcome is open gets `unknown`, each later one `down`.
  void stop();

  /// The same when the loop has ended: runs the callbacks that are owed inside this call. The last
  /// call.
  void abandon();

  bool settled() const { return publisher_.open() == 0 && !publisher_.any_finished(); }
  const Connection& connection() const { return connection_; }

 private:
  void on_ready() override;
  void on_reply(const RespValue& reply) override;
  void on_lost(bool was_ready, const std::string& why) override;

  void write() noexcept;
  void report_if_refused(std::size_t bytes);
  void schedule_report();
  void report();
  void on_timer();
  void request_nodes();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const Events events_;
  const bool is_cluster_;
  const bool tls_;
  const std::chrono::milliseconds answer_timeout_;
  Publisher publisher_;
  Timer timer_;
  Timer nodes_timer_;
  Connection connection_;
  bool report_scheduled_ = false;
  const std::shared_ptr<PublishConnection*> self_;  // Null in what is posted: this is destroyed.
};

}  // namespace wscast::redis
