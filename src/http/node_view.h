#pragma once

#include <string>

#include "wscast/stats.h"

namespace wscast::http {

/// What the endpoints may know of their server. Any thread.
class NodeView {
 public:
  virtual ~NodeView() = default;

  /// Whether every shard has turned lately.
  virtual bool healthy() const = 0;

  /// Why no client should be sent here now; empty when all is well.
  virtual std::string not_ready() const = 0;

  virtual Stats stats() const = 0;
};

}  // namespace wscast::http
