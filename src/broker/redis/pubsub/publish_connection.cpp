#include "broker/redis/pubsub/publish_connection.h"

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include "broker/redis/discovery/cluster_nodes.h"
#include "broker/redis/pubsub/run_owed.h"

namespace wscast::redis {
namespace {

/// A Cluster names its nodes at each login; on a connection that stays they are requested so often.
constexpr auto kNodesInterval = std::chrono::seconds(60);

std::size_t bytes_of(std::span<const std::string_view> words) {
  std::size_t bytes = 0;
  for (const std::string_view word : words) bytes += word.size();
  return bytes;
}

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
  report_if_refused(envelope.size());
  publisher_.publish(channel, envelope, std::move(done), connection_.unsent(), clock_.now());
  write();
}

void PublishConnection::command(std::span<const std::string_view> words,
                                Publisher::OnReply on_reply) {
  publisher_.command(words, std::move(on_reply));
  write();
}

void PublishConnection::query(std::span<const std::string_view> words,
                              Publisher::OnAnswer on_answer) {
  report_if_refused(bytes_of(words));
  publisher_.query(words, std::move(on_answer), connection_.unsent());
  write();
}

void PublishConnection::query_in_time(std::span<const std::string_view> words,
                                      Publisher::OnAnswer on_answer) {
  report_if_refused(bytes_of(words));
  publisher_.query(words, std::move(on_answer), connection_.unsent(),
                   clock_.now() + answer_timeout_);
  write();
}

void PublishConnection::stop() {
  connection_.stop();
  timer_.cancel();
  nodes_timer_.cancel();
  publisher_.on_disconnected();
  if (publisher_.any_finished()) schedule_report();
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

/// Whose caller has its callback in flight already.
void PublishConnection::write() noexcept try {
  if (publisher_.commands().empty()) return;
  connection_.send(publisher_.commands());
  publisher_.on_commands_sent();
  timer_.fire_by(publisher_.next_deadline());
} catch (const std::exception& error) {
  connection_.give_up(error);
}

/// Before it is refused, so that its callback is not owed if this throws.
void PublishConnection::report_if_refused(std::size_t bytes) {
  if (!publisher_.accepts(bytes, connection_.unsent())) schedule_report();
}

void PublishConnection::schedule_report() {
  if (report_scheduled_) return;
  boost::asio::post(loop_, [self = self_] {
    if (*self == nullptr) return;
    (*self)->report_scheduled_ = false;
    (*self)->report();
  });
  report_scheduled_ = true;
}

void PublishConnection::report() {
  if (!publisher_.any_finished()) return;
  const auto why = publisher_.take_refusal();
  for (const auto& [done, published] : publisher_.take_finished()) {
    run_owed([&, &done = done, &published = published] {
      if (done) done(published);
    });
  }
  if (settled() && events_.settled) events_.settled();
  if (!why.empty() && events_.refused) events_.refused(why);
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
