#include "broker/redis/pubsub/subscribe_connection.h"

#include <algorithm>
#include <utility>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "broker/redis/pubsub/run_owed.h"
#include "broker/redis/resp/error_text.h"

namespace wscast::redis {

SubscribeConnection::SubscribeConnection(boost::asio::io_context& loop, const RedisOptions& options,
                                         const RedisUrl& url, Random& random, const Clock& clock,
                                         const Permanent& permanent, Events events)
    : loop_(loop),
      clock_(clock),
      max_receive_bytes_(options.max_receive_bytes),
      permanent_(permanent.channels),
      events_(std::move(events)),
      subscriptions_({.answer_timeout = options.answer_timeout,
                      .unsubscribe_after = options.unsubscribe_after},
                     permanent),
      timer_(loop, [this] { on_timer(); }),
      connection_(loop, options, url, "sub", random, *this),
      self_(std::make_shared<SubscribeConnection*>(this)) {}

SubscribeConnection::~SubscribeConnection() {
  *self_ = nullptr;
}

void SubscribeConnection::subscribe(std::vector<std::string> channels, Subscriptions::Done done) {
  erase_permanent(channels);
  schedule_flush();
  subscriptions_.add(channels, std::move(done), clock_.now());
}

void SubscribeConnection::unsubscribe(std::vector<std::string> channels) {
  erase_permanent(channels);
  schedule_flush();
  subscriptions_.remove(channels, clock_.now());
}

void SubscribeConnection::stop() {
  connection_.stop();
  timer_.cancel();
  subscriptions_.on_disconnected();
  schedule_flush();
}

void SubscribeConnection::abandon() {
  stop();
  report();
}

void SubscribeConnection::on_ready() {
  subscriptions_.on_connected();
  flush();
  events_.connected();
}

void SubscribeConnection::on_reply(const RespValue& reply) {
  if (!reported_ready_) events_.progress();
  const bool expected = reply.kind == RespValue::Kind::error
                            ? subscriptions_.on_error(error_text(reply), clock_.now())
                            : on_push(reply);
  if (!expected) events_.unexpected();
  if (reply.kind == RespValue::Kind::error) schedule_flush();
  report();
  if (!reported_ready_ && ready()) {
    reported_ready_ = true;
    events_.ready();
  }
}

void SubscribeConnection::on_lost(bool was_ready, const std::string& why) {
  reported_ready_ = false;
  subscriptions_.on_disconnected();
  events_.read_end();  // An exception may have left it out.
  events_.lost(was_ready, why);
  report();
}

void SubscribeConnection::erase_permanent(std::vector<std::string>& channels) const {
  std::erase_if(channels, [this](const auto& name) {
    return std::ranges::find(permanent_, name) != permanent_.end();
  });
}

/// The forms of pushed messages: protocol.md section 3, and
/// redis.io/docs/latest/develop/interact/pubsub.
bool SubscribeConnection::on_push(const RespValue& push) {
  const auto& words = push.elements;
  if (push.kind != RespValue::Kind::array || words.size() < 3) return false;
  const auto kind = words[0].text;
  if (kind == "message" && words.size() == 3) return on_message(words[1], words[2]);
  if (kind == "pmessage" && words.size() == 4) return on_message(words[2], words[3]);
  return words[1].kind == RespValue::Kind::bulk && on_confirmation(kind, words[1].text);
}

bool SubscribeConnection::on_message(const RespValue& channel, const RespValue& payload) {
  if (payload.kind == RespValue::Kind::oversize) {
    events_.oversize(channel.text, payload.integer);
    return true;
  }
  if (channel.kind != RespValue::Kind::bulk || payload.kind != RespValue::Kind::bulk) return false;
  if (payload.text.size() > max_receive_bytes_) {
    events_.oversize(channel.text, static_cast<std::int64_t>(payload.text.size()));
    return true;
  }
  events_.message(channel.text, payload.text);
  return true;
}

bool SubscribeConnection::on_confirmation(std::string_view kind, std::string_view channel) {
  if (kind == "psubscribe") return subscriptions_.on_pattern_subscribed(channel);
  if (kind == "unsubscribe") return subscriptions_.on_unsubscribed(channel);
  if (kind != "subscribe") return false;
  const bool expected = subscriptions_.on_subscribed(channel, clock_.now());
  timer_.fire_by(subscriptions_.next_deadline());
  return expected;
}

/// Once per loop iteration, so that what changes in one iteration leaves in few commands.
void SubscribeConnection::schedule_flush() {
  if (flush_scheduled_) return;
  boost::asio::post(loop_, [self = self_] {
    if (*self == nullptr) return;
    (*self)->flush_scheduled_ = false;
    (*self)->flush_and_report();
  });
  flush_scheduled_ = true;
}

/// Commands that were not written are not repeated on this connection.
void SubscribeConnection::flush_and_report() noexcept try {
  flush();
  report();
} catch (const std::exception& error) {
  connection_.give_up(error);
}

void SubscribeConnection::flush() {
  if (subscriptions_.has_commands()) connection_.send(subscriptions_.take_commands());
  timer_.fire_by(subscriptions_.next_deadline());
}

void SubscribeConnection::report() {
  if (const auto late = subscriptions_.take_late(); late > 0) events_.late(late);
  for (const auto& channel : subscriptions_.take_settled_late()) events_.settled_late(channel);
  for (const auto& refusal : subscriptions_.take_refusals()) {
    run_owed([&] { events_.refused(refusal); });
  }
  if (!subscriptions_.any_completed()) return;
  for (const auto& [done, refused] : subscriptions_.take_completed()) {
    run_owed([&done = done, &refused = refused] { done(refused); });
  }
}

void SubscribeConnection::on_timer() {
  subscriptions_.on_time(clock_.now());
  flush_and_report();
}

}  // namespace wscast::redis
