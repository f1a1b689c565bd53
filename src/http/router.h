#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "wscast/server_options.h"

#include "http/request_head.h"
#include "http/response.h"
#include "http/status_routes.h"

namespace wscast::http {

/// The WebSocket's path, matched exactly, and what responds to each request for it.
struct UpgradeRoute {
  std::string path;
  std::function<WireResponse(const RequestHead&)> handle;
};

/// Responds to HTTP requests: upgrades at the WebSocket path, status routes and static pages at
/// theirs, kHandOver at and below the paths that are handed over, 404 at any other path
/// (protocol.md U1). Any thread.
class Router {
 public:
  /// `options` and `node` outlive the router.
  Router(const HttpOptions& options, const NodeView& node, UpgradeRoute upgrade)
      : pages_(options.pages),
        handed_over_(options.handover.paths),
        status_(options, node),
        upgrade_(std::move(upgrade)) {}

  WireResponse route(const RequestHead& head) const;

 private:
  bool hands_over(std::string_view path) const;

  const decltype(HttpOptions::pages)& pages_;
  const std::vector<std::string>& handed_over_;
  const StatusRoutes status_;
  const UpgradeRoute upgrade_;
};

}  // namespace wscast::http
