#include "broker/redis/publish_link.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "broker/redis/cluster_nodes.h"

namespace wscast::redis {
namespace {

/// Each login names a Cluster's nodes; on a link that stays they are asked for so often.
constexpr auto kNodesInterval = std::chrono::seconds(60);

}  // namespace

PublishLink::PublishLink(boost::asio::io_context& loop, const RedisOptions& options,
                         const RedisUrl& url, Random& random, const Clock& clock, Events events)
    : loop_(loop),
      clock_(clock),
      events_(std::move(events)),
      is_cluster_(url.kind == RedisUrl::Kind::cluster),
      tls_(url.tls || options.tls),
      publisher_({options.answer_timeout, options.max_unsent_bytes}),
      alarm_(loop, [this] { on_alarm(); }),
      nodes_alarm_(loop, [this] { ask_for_nodes(); }),
      link_(loop, options, url, "pub", random, *this),
      self_(std::make_shared<PublishLink*>(this)) {}

PublishLink::~PublishLink() {
  *self_ = nullptr;
}

void PublishLink::publish(std::string_view channel, std::string_view envelope,
                          Publisher::Done done) {
  publisher_.publish(channel, envelope, std::move(done), link_.unsent(), clock_.now());
  write();
  tell_later();
}

void PublishLink::ask(std::span<const std::string_view> words, Publisher::Answer answer) {
  publisher_.ask(words, std::move(answer));
  write();
}

void PublishLink::stop() {
  link_.stop();
  alarm_.cancel();
  nodes_alarm_.cancel();
  publisher_.on_link_down();
  tell_later();
}

void PublishLink::abandon() {
  stop();
  tell();
}

void PublishLink::on_ready() {
  publisher_.on_link_up();
  if (is_cluster_) nodes_alarm_.ring_by(clock_.now() + kNodesInterval);
  if (events_.ready) events_.ready();
}

void PublishLink::on_reply(const Reply& reply) {
  if (!publisher_.on_reply(reply) && events_.unexpected) events_.unexpected();
  tell();
}

void PublishLink::on_lost(bool was_ready, const std::string& why) {
  nodes_alarm_.cancel();
  publisher_.on_link_down();
  if (events_.lost) events_.lost(was_ready, why);
  tell();
}

void PublishLink::write() {
  if (publisher_.commands().empty()) return;
  link_.send(publisher_.commands());
  publisher_.told();
  alarm_.ring_by(publisher_.next_deadline());
}

void PublishLink::tell_later() {
  if (telling_later_ || !publisher_.any_finished()) return;
  telling_later_ = true;
  boost::asio::post(loop_, [self = self_] {
    if (*self == nullptr) return;
    (*self)->telling_later_ = false;
    (*self)->tell();
  });
}

void PublishLink::tell() {
  if (!publisher_.any_finished()) return;
  if (const auto why = publisher_.take_refusal(); !why.empty() && events_.refused) {
    events_.refused(why);
  }
  for (const auto& [done, published] : publisher_.take_finished()) {
    if (done) done(published);
  }
  if (settled() && events_.settled) events_.settled();
}

void PublishLink::on_alarm() {
  publisher_.on_time(clock_.now());
  alarm_.ring_by(publisher_.next_deadline());
  tell();
}

void PublishLink::ask_for_nodes() {
  nodes_alarm_.ring_by(clock_.now() + kNodesInterval);
  ask(kClusterNodesCommand, [this](const Reply& reply) {
    const auto nodes = cluster_nodes(reply, link_.host(), tls_);
    link_.learn(nodes);
    if (events_.nodes) events_.nodes(nodes);
  });
}

}  // namespace wscast::redis
