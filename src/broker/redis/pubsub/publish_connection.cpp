#include "broker/redis/pubsub/publish_connection.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "broker/redis/discovery/cluster_nodes.h"

namespace wscast::redis {
namespace {

/// A Cluster names its nodes at each login; on a connection that stays they are requested so often.
constexpr auto kNodesInterval = std::chrono::seconds(60);

}  // namespace

PublishConnection::PublishConnection(boost::asio::io_context& loop, const RedisOptions& options,
                                     const RedisUrl& url, Random& random, const Clock& clock,
                                     Events events)
    : loop_(loop),
      clock_(clock),
      events_(std::move(events)),
      is_cluster_(url.kind == RedisUrl::Kind::cluster),
      tls_(url.tls || options.tls),
      answer_timeout_(options.answer_timeout),
      publisher_({options.answer_timeout, options.max_unsent_bytes}),
      timer_(loop, [this] { on_timer(); }),
      nodes_timer_(loop, [this] { request_nodes(); }),
      connection_(loop, options, url, "pub", random, *this),
      self_(std::make_shared<PublishConnection*>(this)) {}

PublishConnection::~PublishConnection() {
  *self_ = nullptr;
}

void PublishConnection::publish(std::string_view channel, std::string_view envelope,
                                Publisher::Done done) {
  publisher_.publish(channel, envelope, std::move(done), connection_.unsent(), clock_.now());
  write();
  schedule_report();
}

void PublishConnection::command(std::span<const std::string_view> words,
                                Publisher::OnReply on_reply) {
  publisher_.command(words, std::move(on_reply));
  write();
}

void PublishConnection::query(std::span<const std::string_view> words,
                              Publisher::OnAnswer on_answer) {
  publisher_.query(words, std::move(on_answer), connection_.unsent());
  write();
  schedule_report();
}

void PublishConnection::query_in_time(std::span<const std::string_view> words,
                                      Publisher::OnAnswer on_answer) {
  publisher_.query(words, std::move(on_answer), connection_.unsent(),
                   clock_.now() + answer_timeout_);
  write();
  schedule_report();
}

void PublishConnection::stop() {
  connection_.stop();
  timer_.cancel();
  nodes_timer_.cancel();
  publisher_.on_disconnected();
  schedule_report();
}

void PublishConnection::abandon() {
  stop();
  report();
}

void PublishConnection::on_ready() {
  publisher_.on_connected();
  if (is_cluster_) nodes_timer_.fire_by(clock_.now() + kNodesInterval);
  if (events_.ready) events_.ready();
}

void PublishConnection::on_reply(const RespValue& reply) {
  const bool was_settled = settled();
  if (!publisher_.on_reply(reply) && events_.unexpected) events_.unexpected();
  if (publisher_.any_finished()) return report();
  if (!was_settled && settled() && events_.settled) events_.settled();  // The last was a query.
}

void PublishConnection::on_lost(bool was_ready, const std::string& why) {
  nodes_timer_.cancel();
  publisher_.on_disconnected();
  if (events_.lost) events_.lost(was_ready, why);
  report();
}

void PublishConnection::write() {
  if (publisher_.commands().empty()) return;
  connection_.send(publisher_.commands());
  publisher_.on_commands_sent();
  timer_.fire_by(publisher_.next_deadline());
}

void PublishConnection::schedule_report() {
  if (report_scheduled_ || !publisher_.any_finished()) return;
  report_scheduled_ = true;
  boost::asio::post(loop_, [self = self_] {
    if (*self == nullptr) return;
    (*self)->report_scheduled_ = false;
    (*self)->report();
  });
}

void PublishConnection::report() {
  if (!publisher_.any_finished()) return;
  if (const auto why = publisher_.take_refusal(); !why.empty() && events_.refused) {
    events_.refused(why);
  }
  for (const auto& [done, published] : publisher_.take_finished()) {
    if (done) done(published);
  }
  if (settled() && events_.settled) events_.settled();
}

void PublishConnection::on_timer() {
  publisher_.on_time(clock_.now());
  timer_.fire_by(publisher_.next_deadline());
  report();
}

void PublishConnection::request_nodes() {
  nodes_timer_.fire_by(clock_.now() + kNodesInterval);
  command(kClusterNodesCommand, [this](const RespValue& reply) {
    const auto nodes = cluster_nodes(reply, connection_.host(), tls_);
    connection_.set_nodes(nodes);
    if (events_.nodes) events_.nodes(nodes);
  });
}

}  // namespace wscast::redis
