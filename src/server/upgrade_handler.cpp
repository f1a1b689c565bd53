#include "server/upgrade_handler.h"

#include <algorithm>

#include "http/refusal.h"
#include "ws/opening_handshake.h"

namespace wscast::server {

using http::refuse;

http::WireResponse UpgradeHandler::operator()(const http::RequestHead& head) const {
  const ws::UpgradeResult result = ws::validate_upgrade(head, {}, *deflate_);
  if (result.status != 101) return refuse({.status = result.status, .reason = result.reason});
  if (!is_allowed_origin(head)) return refuse({.status = 403, .reason = "Origin not allowed"});
  return {101, ws::upgrade_response(result), result.deflate_window_bits()};
}

/// RFC 6455 section 10.2. Only browsers send an origin, and only a browser can be made to connect
/// here by another site's page.
bool UpgradeHandler::is_allowed_origin(const http::RequestHead& head) const {
  if (allowed_origins_->empty()) return true;
  return std::ranges::all_of(http::field_values(head, "Origin"), [this](std::string_view origin) {
    return std::ranges::find(*allowed_origins_, origin) != allowed_origins_->end();
  });
}

}  // namespace wscast::server
