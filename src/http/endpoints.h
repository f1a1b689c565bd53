#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "wscast/server_options.h"

#include "http/node_view.h"

namespace wscast::http {

struct Answer {
  int status = 200;
  std::string_view content_type;
  std::string body;
};

/// What a server tells of itself over HTTP GET: `/health`, `/ready` and `/stats`, each if the
/// options switch it on. Any thread.
class Endpoints {
 public:
  Endpoints(const HttpOptions& options, const NodeView& node) : options_(options), node_(node) {}

  /// Nothing when `path` is no endpoint that is on.
  std::optional<Answer> answer(std::string_view path) const;

 private:
  const HttpOptions& options_;
  const NodeView& node_;
};

}  // namespace wscast::http
