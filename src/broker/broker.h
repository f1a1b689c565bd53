#pragma once

namespace wscast {

/// What carries messages from a server to the others.
class Broker {
 public:
  virtual ~Broker() = default;

  /// Whether other servers hear what this one publishes.
  virtual bool reaches_others() const = 0;
};

}  // namespace wscast
