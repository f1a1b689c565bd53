#pragma once

#include "wscast/server.h"

#include "server/node.h"

namespace wscast {

/// Gives tests the Node of a Server, to place connections on shards.
struct ServerAccess {
  static server::Node& node(Server& server);
};

}  // namespace wscast
