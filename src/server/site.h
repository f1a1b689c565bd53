#pragma once

#include "wscast/server_options.h"

#include "net/application.h"

namespace wscast::server {

/// Answers HTTP requests: upgrades at the WebSocket path, static pages at theirs, 404 elsewhere
/// (protocol.md U1). Any thread.
class Site {
 public:
  explicit Site(const ServerOptions& options) : options_(options) {}

  net::HttpAnswer answer(const ws::RequestHead& head) const;

 private:
  const ServerOptions& options_;
};

}  // namespace wscast::server
