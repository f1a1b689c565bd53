#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "broker/redis/alarm.h"
#include "broker/redis/link.h"
#include "broker/redis/publisher.h"

namespace wscast::redis {

/// A link that publishes: Publisher on Link. Loop thread only. Callbacks come from the loop, never
/// inside a call; they may call this, but not destroy it.
class PublishLink final : private Link::Handler {
 public:
  /// What its owner hears of. Each may be empty.
  struct Events {
    std::function<void()> ready{};
    std::function<void(bool was_ready, const std::string& why)> lost{};
    std::function<void()> settled{};  ///< No message's outcome is open any more.
    std::function<void(const std::string& why)> refused{};  ///< Redis refused a message.
    std::function<void()> unexpected{};                     ///< A reply that nothing asked for.
    /// The nodes that a Cluster has now; the link itself knows them already.
    std::function<void(const std::vector<Host>&)> nodes{};
  };

  PublishLink(boost::asio::io_context& loop, const RedisOptions& options, const RedisUrl& url,
              Random& random, const Clock& clock, Events events);
  ~PublishLink() override;
  PublishLink(const PublishLink&) = delete;
  PublishLink& operator=(const PublishLink&) = delete;

  void start() { link_.start(); }

  /// `channel` with everything that stands before it. `done` may be empty.
  void publish(std::string_view channel, std::string_view envelope, Publisher::Done done);

  /// See Publisher::ask.
  void ask(std::span<const std::string_view> words, Publisher::Answer answer);

  void redial(const std::string& why) { link_.redial(why); }

  /// Ends the link for good: each message whose outcome is open is answered `unknown`, each later
  /// one `down`.
  void stop();

  /// The same when the loop has ended: who still waits is called inside this. At last.
  void abandon();

  bool settled() const { return publisher_.open() == 0 && !publisher_.any_finished(); }
  const Link& link() const { return link_; }

 private:
  void on_ready() override;
  void on_reply(const Reply& reply) override;
  void on_lost(bool was_ready, const std::string& why) override;

  void write();
  void tell_later();
  void tell();
  void on_alarm();
  void ask_for_nodes();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  const Events events_;
  const bool is_cluster_;
  const bool tls_;
  Publisher publisher_;
  Alarm alarm_;
  Alarm nodes_alarm_;
  Link link_;
  bool telling_later_ = false;
  const std::shared_ptr<PublishLink*> self_;  // Tells what is posted whether this still exists.
};

}  // namespace wscast::redis
