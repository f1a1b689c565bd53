#pragma once

#include <string_view>

#include "session/session.h"

namespace wscast::server {

/// What a client's socket needs of its server: the topics of ClientSocket. Shard thread only.
class TopicPublisher {
 public:
  virtual ~TopicPublisher() = default;

  virtual void subscribe(session::Session& session, std::string_view topic) = 0;
  virtual void unsubscribe(session::Session& session, std::string_view topic) = 0;
  virtual bool is_subscribed(const session::Session& session, std::string_view topic) const = 0;
  virtual void publish(session::Session& session, std::string_view topic,
                       std::string_view text) = 0;
};

}  // namespace wscast::server
