#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/client_id.h"
#include "ws/frame.h"

namespace wscast::server {

/// A message on its way to the receivers of one shard. A value that threads hand to each other; its
/// bytes are shared.
struct Delivery {
  enum class To : std::uint8_t { client, room, everybody };

  To to = To::everybody;
  std::string target;  ///< A client id or a room.
  ws::SharedFrame frame;
  std::shared_ptr<const std::vector<ClientId>> exclude;  ///< May be null.

  /// What it counts for in the inbox of a shard.
  std::size_t cost() const { return sizeof(Delivery) + target.size() + frame.size; }
};

}  // namespace wscast::server
