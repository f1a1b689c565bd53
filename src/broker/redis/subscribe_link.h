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
#include "broker/redis/alarm.h"
#include "broker/redis/link.h"
#include "broker/redis/subscriptions.h"

namespace wscast::redis {

/// A link that listens: Subscriptions on Link, and the channels and patterns that it always listens
/// to. Loop thread only. Callbacks come from the loop, never inside a call; they may call this, but
/// not destroy it.
class SubscribeLink final : private Link::Handler {
 public:
  /// What its owner hears of; all of them are needed.
  struct Events {
    std::function<void()> connected;  ///< And told what to subscribe to.
    /// Everything that was needed when it connected is subscribed, but for what Redis refuses.
    std::function<void()> ready;
    std::function<void(bool was_ready, const std::string& why)> lost;
    std::function<void(std::string_view channel, std::string_view payload)> message;
    std::function<void(std::int64_t bytes)> oversize;
    std::function<void()> progress;  ///< Anything came before it was ready.
    std::function<void(const Subscriptions::Refusal&)> refused;
    std::function<void()> unexpected;           ///< It was told what it did not ask for.
    std::function<void(std::uint64_t n)> late;  ///< Waiters went on without confirmation.
  };

  /// What it always listens to, named as on the wire.
  using Always = Subscriptions::Always;

  SubscribeLink(boost::asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
                Random& random, const Clock& clock, const Always& always, Events events);
  ~SubscribeLink() override;
  SubscribeLink(const SubscribeLink&) = delete;
  SubscribeLink& operator=(const SubscribeLink&) = delete;

  void start() { link_.start(); }

  /// Broker::subscribe and unsubscribe, with channels as on the wire.
  void subscribe(std::vector<std::string> channels, Subscriptions::Done done);
  void unsubscribe(std::vector<std::string> channels);

  void redial(const std::string& why) { link_.redial(why); }

  /// See Link::learn.
  void learn(const std::vector<Host>& nodes) { link_.learn(nodes); }

  /// Ends the link for good. Who still waits goes on.
  void stop();

  /// The same when the loop has ended: who still waits is called inside this. At last.
  void abandon();

  bool ready() const { return link_.ready() && subscriptions_.ready(); }
  const Link& link() const { return link_; }

 private:
  void on_ready() override;
  void on_reply(const Reply& reply) override;
  void on_lost(bool was_ready, const std::string& why) override;

  void drop_always(std::vector<std::string>& channels) const;
  bool take_push(const Reply& push);
  bool take_message(const Reply& channel, const Reply& payload);
  bool confirm(std::string_view kind, std::string_view channel);
  void act_later();
  void write();
  void tell();
  void on_alarm();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const std::size_t max_receive_bytes_;
  const std::vector<std::string> always_;  // Channels.
  const Events events_;
  Subscriptions subscriptions_;
  Alarm alarm_;
  Link link_;
  bool told_ready_ = false;
  bool acting_later_ = false;
  const std::shared_ptr<SubscribeLink*> self_;  // Tells what is posted whether this still exists.
};

}  // namespace wscast::redis
