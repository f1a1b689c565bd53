#pragma once

#include <memory>

#include "wscast/export.h"

namespace wscast {

class Broker;

/// Makes a broker for a single server: nothing to install, and nothing leaves the process. It can
/// be given to one Server, once. Any thread.
WSCAST_EXPORT std::shared_ptr<Broker> memory_broker();

}  // namespace wscast
