#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "broker/redis/connection/connection.h"
#include "broker/redis/connection/timer.h"
#include "broker/redis/pubsub/subscriptions.h"

namespace wscast::redis {

/// The connection that subscribes: Subscriptions on a Connection. Loop thread only. Callbacks come
/// from the loop, never inside a call; they may call this, but not destroy it.
class SubscribeConnection final : private Connection::Handler {
 public:
  /// Callbacks to the owner; all of them are required.
  struct Events {
    std::function<void()> connected;  ///< The subscriptions were written.
    /// Everything that was needed when it connected is subscribed, but for what Redis refuses.
    std::function<void()> ready;
    std::function<void(bool was_ready, const std::string& why)> lost;
    std::function<void(std::string_view channel, std::string_view payload)> message;
    std::function<void()> read_end;  ///< As Connection::Handler::on_read_end().
    /// A message that is too long was dropped; `channel` is empty if that was too long itself.
    std::function<void(std::string_view channel, std::int64_t bytes)> oversize;
    std::function<void()> progress;  ///< Anything came before it was ready.
    std::function<void(const Subscriptions::Refusal&)> refused;
    std::function<void()> unexpected;           ///< A confirmation without a command.
    std::function<void(std::uint64_t n)> late;  ///< Calls that were completed unconfirmed.
    std::function<void(const std::string& channel)> settled_late;  ///< See Subscriptions.
  };

  using Permanent = Subscriptions::Permanent;

  SubscribeConnection(boost::asio::io_context& loop, const RedisOptions& options,
                      const RedisUrl& url, Random& random, const Clock& clock,
                      const Permanent& permanent, Events events);
  ~SubscribeConnection() override;
  SubscribeConnection(const SubscribeConnection&) = delete;
  SubscribeConnection& operator=(const SubscribeConnection&) = delete;

  void start() { connection_.start(); }

  /// Broker::subscribe and unsubscribe, with channels as on the wire.
  void subscribe(std::vector<std::string> channels, Subscriptions::Done done);
  void unsubscribe(std::vector<std::string> channels);

  void reconnect(const std::string& why) { connection_.reconnect(why); }

  /// See Connection::set_nodes.
  void set_nodes(const std::vector<Host>& nodes) { connection_.set_nodes(nodes); }

  /// Closes for good. Pending subscriptions are completed as late.
  void stop();

  /// The same when the loop has ended: runs the callbacks that are owed inside this call. The last
  /// call.
  void abandon();

  bool ready() const { return connection_.ready() && subscriptions_.ready(); }
  const Connection& connection() const { return connection_; }

 private:
  void on_ready() override;
  void on_reply(const RespValue& reply) override;
  void on_read_end() override { events_.read_end(); }
  void on_lost(bool was_ready, const std::string& why) override;

  void erase_permanent(std::vector<std::string>& channels) const;
  bool on_push(const RespValue& push);
  bool on_message(const RespValue& channel, const RespValue& payload);
  bool on_confirmation(std::string_view kind, std::string_view channel);
  void schedule_flush();
  void flush();
  void flush_and_report() noexcept;
  void report();
  void on_timer();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const std::size_t max_receive_bytes_;
  const std::vector<std::string> permanent_;  // Channels.
  const Events events_;
  Subscriptions subscriptions_;
  Timer timer_;
  Connection connection_;
  bool reported_ready_ = false;
  bool flush_scheduled_ = false;
  const std::shared_ptr<SubscribeConnection*> self_;  // Null in what is posted: this is destroyed.
};

}  // namespace wscast::redis
