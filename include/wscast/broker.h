#pragma once

#include <memory>

namespace wscast {

class Broker;

/// A broker for one server alone: nothing to install, and nothing leaves the process.
std::shared_ptr<Broker> memory_broker();

}  // namespace wscast
