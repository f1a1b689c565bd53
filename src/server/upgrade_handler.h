#pragma once

#include <string>
#include <vector>

#include "wscast/options.h"

#include "http/request_head.h"
#include "http/response.h"

namespace wscast::server {

/// Accepts or refuses upgrades to WebSocket at the server's path (protocol.md U1). Any thread.
class UpgradeHandler {
 public:
  /// `allowed_origins` and `deflate` (ServerOptions) outlive the handler.
  UpgradeHandler(const std::vector<std::string>& allowed_origins, const DeflateOptions& deflate)
      : allowed_origins_(&allowed_origins), deflate_(&deflate) {}

  http::WireResponse operator()(const http::RequestHead& head) const;

 private:
  bool is_allowed_origin(const http::RequestHead& head) const;

  const std::vector<std::string>* allowed_origins_;
  const DeflateOptions* deflate_;
};

}  // namespace wscast::server
