#pragma once

#include <functional>
#include <string>

#include "broker/broker.h"
#include "broker/redis/pubsub/publish_connection.h"

namespace wscast::redis {

/// Callbacks of store_text(), from the loop. Both are required.
struct StoreEvents {
  Broker::Stored done;
  std::function<void(const std::string& why)> refused;  ///< An ACL, in most cases.
};

/// Keeps a text under `prefix` and its key (protocol.md X13). `events` live until `done`.
void store_text(PublishConnection& connection, const std::string& prefix, StoreRequest request,
                StoreEvents events);

}  // namespace wscast::redis
