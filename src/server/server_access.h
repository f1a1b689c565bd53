#pragma once

#include "wscast/server.h"

#include "server/node.h"

namespace wscast {

/// The inside of a Server, for tests that place connections on shards.
struct ServerAccess {
  static server::Node& node(Server& server);
};

}  // namespace wscast
