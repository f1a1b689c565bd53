#include "server/shard_drain.h"

#include <utility>

#include "protocol/system_messages.h"
#include "server/guarded.h"
#include "ws/frame.h"

namespace wscast::server {

using session::Session;

std::size_t ShardDrain::begin() {
  clients_.reserve(hub_.clients());
  for (hub::Member* member : hub_.members()) {
    auto& session = static_cast<Session&>(*member);
    if (session.authenticated()) {
      clients_.push_back(session.id);
    } else {
      guarded(session, [&session] { session.end(session::kDrained); });
    }
  }
  return clients_.size();
}

void ShardDrain::start(const DrainShare& share, std::function<void()> done) {
  share_ = share;
  started_ = executor_.now();
  done_ = std::move(done);
  for (std::size_t i = 0; i < clients_.size(); ++i) announce(i);
  if (clients_.empty()) return done_();
  executor_.every(kStep, [this] { return close_due(); });
}

/// Evenly over all shards: the last client of the last one has all of the time.
std::chrono::milliseconds ShardDrain::delay_of(std::size_t client) const {
  const double part =
      static_cast<double>(share_.first + client + 1) / static_cast<double>(share_.total);
  const std::chrono::duration<double, std::milli> delay = share_.time * part;
  return std::chrono::duration_cast<std::chrono::milliseconds>(delay);
}

/// Null if the client has left already.
Session* ShardDrain::find(std::size_t client) const {
  return static_cast<Session*>(hub_.find(clients_[client]));
}

void ShardDrain::announce(std::size_t client) {
  Session* session = find(client);
  if (session == nullptr) return;
  guarded(*session,
          [&] { session->outbound().say(protocol::disconnect_message(delay_of(client))); });
}

/// Returns whether clients are left.
bool ShardDrain::close_due() {
  const auto passed = executor_.now() - started_;
  for (; closed_ < clients_.size() && delay_of(closed_) <= passed; ++closed_) {
    Session* session = find(closed_);
    if (session == nullptr) continue;
    guarded(*session, [session] { session->end(session::kDrained); });
  }
  if (closed_ < clients_.size()) return true;
  done_();
  return false;
}

}  // namespace wscast::server
