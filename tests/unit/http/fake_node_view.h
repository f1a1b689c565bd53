#pragma once

#include <string>

#include "http/node_view.h"

namespace wscast::http {

class FakeNodeView final : public NodeView {
 public:
  bool healthy() const override { return is_healthy; }
  std::string not_ready() const override { return reason; }
  Stats stats() const override { return numbers; }

  bool is_healthy = true;
  std::string reason;
  Stats numbers;
};

}  // namespace wscast::http
