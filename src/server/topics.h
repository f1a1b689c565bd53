#pragma once

#include <string_view>

#include "base/clock.h"
#include "hub/hub.h"
#include "server/shard_router.h"
#include "session/session.h"

namespace wscast::server {

/// The topics of ClientSocket on one shard: who subscribed to them here, and publishing to the
/// subscribers on all shards of this server. Shard thread only.
class Topics {
 public:
  /// `publish_to_self`: whether a client that publishes is one of its own receivers. `clock`: as
  /// Dispatcher takes it.
  Topics(hub::Hub& hub, ShardRouter& router, bool publish_to_self, const Clock* clock = nullptr)
      : hub_(hub), router_(router), publish_to_self_(publish_to_self), clock_(clock) {}

  void subscribe(session::Session& session, std::string_view topic) {
    hub_.subscribe(session, topic);
  }
  void unsubscribe(session::Session& session, std::string_view topic) {
    hub_.unsubscribe(session, topic);
  }
  bool is_subscribed(const session::Session& session, std::string_view topic) const {
    return hub_.is_subscribed(session, topic);
  }

  /// Sends `text` as it is to the subscribers on all shards.
  void publish(const session::Session& session, std::string_view topic, std::string_view text);

  /// Sends `frame` to the subscribers on this shard.
  hub::Delivered deliver(std::string_view topic, const ws::FrameRef& frame, hub::Exclude exclude);

 private:
  hub::Hub& hub_;
  ShardRouter& router_;
  const bool publish_to_self_;
  const Clock* const clock_;
};

}  // namespace wscast::server
