#include "broker/redis/subscribe_link.h"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "broker/redis/error_words.h"

namespace wscast::redis {
SubscribeLink::SubscribeLink(boost::asio::io_context& loop, const RedisOptions& options,
                             const RedisUrl& url, Random& random, const Clock& clock,
                             const Always& always, Events events)
    : loop_(loop),
      clock_(clock),
      max_receive_bytes_(options.max_receive_bytes),
      always_(always.channels),
      events_(std::move(events)),
      subscriptions_({.answer_timeout = options.answer_timeout,
                      .unsubscribe_after = options.unsubscribe_after},
                     always),
      alarm_(loop, [this] { on_alarm(); }),
      link_(loop, options, url, "sub", random, *this),
      self_(std::make_shared<SubscribeLink*>(this)) {}

SubscribeLink::~SubscribeLink() {
  *self_ = nullptr;
}

void SubscribeLink::subscribe(std::vector<std::string> channels, Subscriptions::Done done) {
  drop_always(channels);
  subscriptions_.add(std::move(channels), std::move(done), clock_.now());
  act_later();
}

void SubscribeLink::unsubscribe(std::vector<std::string> channels) {
  drop_always(channels);
  subscriptions_.remove(channels, clock_.now());
  act_later();
}

void SubscribeLink::stop() {
  link_.stop();
  alarm_.cancel();
  subscriptions_.on_link_down();
  act_later();
}

void SubscribeLink::abandon() {
  stop();
  tell();
}

void SubscribeLink::on_ready() {
  subscriptions_.on_link_up();
  write();
  events_.connected();
}

void SubscribeLink::on_reply(const Reply& reply) {
  if (!told_ready_) events_.progress();
  const bool expected = reply.kind == Reply::Kind::error
                            ? subscriptions_.on_error(words_of(reply), clock_.now())
                            : take_push(reply);
  if (!expected) events_.unexpected();
  if (reply.kind == Reply::Kind::error) act_later();
  tell();
  if (!told_ready_ && ready()) {
    told_ready_ = true;
    events_.ready();
  }
}

void SubscribeLink::on_lost(bool was_ready, const std::string& why) {
  told_ready_ = false;
  subscriptions_.on_link_down();
  events_.lost(was_ready, why);
  tell();
}

void SubscribeLink::drop_always(std::vector<std::string>& channels) const {
  std::erase_if(channels, [this](const auto& name) {
    return std::ranges::find(always_, name) != always_.end();
  });
}

/// protocol.md section 3, and redis.io/docs/latest/develop/interact/pubsub: the form of what a
/// subscribed client is told.
bool SubscribeLink::take_push(const Reply& push) {
  const auto& words = push.elements;
  if (push.kind != Reply::Kind::array || words.size() < 3) return false;
  const auto kind = words[0].text;
  if (kind == "message" && words.size() == 3) return take_message(words[1], words[2]);
  if (kind == "pmessage" && words.size() == 4) return take_message(words[2], words[3]);
  return words[1].kind == Reply::Kind::bulk && confirm(kind, words[1].text);
}

bool SubscribeLink::take_message(const Reply& channel, const Reply& payload) {
  if (payload.kind == Reply::Kind::oversize) {
    events_.oversize(payload.integer);
    return true;
  }
  if (channel.kind != Reply::Kind::bulk || payload.kind != Reply::Kind::bulk) return false;
  if (payload.text.size() > max_receive_bytes_) {
    events_.oversize(static_cast<std::int64_t>(payload.text.size()));
    return true;
  }
  events_.message(channel.text, payload.text);
  return true;
}

bool SubscribeLink::confirm(std::string_view kind, std::string_view channel) {
  if (kind == "psubscribe") return subscriptions_.on_pattern_subscribed(channel);
  if (kind == "unsubscribe") return subscriptions_.on_unsubscribed(channel);
  if (kind != "subscribe") return false;
  const bool asked = subscriptions_.on_subscribed(channel, clock_.now());
  alarm_.ring_by(subscriptions_.next_deadline());
  return asked;
}

/// Once per loop iteration, so that what is wanted in one iteration leaves in few commands.
void SubscribeLink::act_later() {
  if (acting_later_) return;
  acting_later_ = true;
  boost::asio::post(loop_, [self = self_] {
    if (*self == nullptr) return;
    (*self)->acting_later_ = false;
    (*self)->write();
    (*self)->tell();
  });
}

void SubscribeLink::write() {
  if (subscriptions_.changed()) link_.send(subscriptions_.take_commands());
  alarm_.ring_by(subscriptions_.next_deadline());
}

void SubscribeLink::tell() {
  if (const auto late = subscriptions_.take_late(); late > 0) events_.late(late);
  for (const auto& refusal : subscriptions_.take_refusals()) events_.refused(refusal);
  if (!subscriptions_.any_through()) return;
  for (const auto& [done, refused] : subscriptions_.take_through()) done(refused);
}

void SubscribeLink::on_alarm() {
  subscriptions_.on_time(clock_.now());
  write();
  tell();
}

}  // namespace wscast::redis
