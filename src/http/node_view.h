#pragma once

#include <string>

#include "wscast/stats.h"

namespace wscast::http {

/// What the status routes read of their server. Any thread.
class NodeView {
 public:
  virtual ~NodeView() = default;

  /// Whether every shard's loop has run lately.
  virtual bool healthy() const = 0;

  /// Why no client should be sent here now; empty when ready.
  virtual std::string not_ready() const = 0;

  virtual Stats stats() const = 0;
};

}  // namespace wscast::http
