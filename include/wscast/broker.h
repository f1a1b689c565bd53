#pragma once

#include <memory>

#include "wscast/export.h"

namespace wscast {

class Broker;

/// A broker for one server alone: nothing to install, and nothing leaves the process. For one
/// Server, once.
WSCAST_EXPORT std::shared_ptr<Broker> memory_broker();

}  // namespace wscast
