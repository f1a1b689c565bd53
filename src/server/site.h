#pragma once

#include "wscast/server_options.h"

#include "http/endpoints.h"
#include "net/application.h"

namespace wscast::server {

/// Answers HTTP requests: upgrades at the WebSocket path, endpoints and static pages at theirs, 404
/// elsewhere (protocol.md U1). Any thread.
class Site {
 public:
  Site(const ServerOptions& options, const http::NodeView& node)
      : options_(options), endpoints_(options.http, node) {}

  net::HttpAnswer answer(const ws::RequestHead& head) const;

 private:
  net::HttpAnswer upgrade(const ws::RequestHead& head) const;
  bool is_allowed_origin(const ws::RequestHead& head) const;

  const ServerOptions& options_;
  const http::Endpoints endpoints_;
};

}  // namespace wscast::server
