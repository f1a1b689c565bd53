#pragma once

#include <optional>
#include <string_view>

#include "wscast/server_options.h"

#include "http/node_view.h"
#include "http/response.h"

namespace wscast::http {

/// What a server reports about itself over HTTP: `/health`, `/ready` and `/stats`, each if the
/// options switch it on. Any thread.
class StatusRoutes {
 public:
  StatusRoutes(const HttpOptions& options, const NodeView& node) : options_(options), node_(node) {}

  /// `std::nullopt` when `path` is no status route or is switched off.
  std::optional<Response> find(std::string_view path) const;

 private:
  const HttpOptions& options_;
  const NodeView& node_;
};

}  // namespace wscast::http
