#pragma once

#include <string>
#include <vector>

#include "http/request_head.h"
#include "http/response.h"

namespace wscast::server {

/// Accepts or refuses upgrades to WebSocket at the server's path (protocol.md U1). Any thread.
class UpgradeHandler {
 public:
  /// `allowed_origins` (ServerOptions) outlives the handler.
  explicit UpgradeHandler(const std::vector<std::string>& allowed_origins)
      : allowed_origins_(&allowed_origins) {}

  http::WireResponse operator()(const http::RequestHead& head) const;

 private:
  bool is_allowed_origin(const http::RequestHead& head) const;

  const std::vector<std::string>* allowed_origins_;
};

}  // namespace wscast::server
