#include "server/site.h"

#include <algorithm>

#include "net/http_response.h"
#include "ws/http_text.h"

namespace wscast::server {
namespace {

net::HttpAnswer refuse(const net::Refusal& refusal) {
  return {refusal.status, net::refusal_response(refusal)};
}

/// For GET and HEAD alone.
net::HttpAnswer serve(const ws::RequestHead& head, const net::HttpResponse& response,
                      std::string_view body) {
  const bool to_head = head.method == "HEAD";
  if (!to_head && head.method != "GET") {
    return refuse({.status = 405, .reason = "Only GET and HEAD here", .allow = "GET, HEAD"});
  }
  std::string bytes = net::response_head(response, body.size());
  if (!to_head) bytes += body;
  return {response.status, std::move(bytes)};
}

}  // namespace

net::HttpAnswer Site::answer(const ws::RequestHead& head) const {
  const std::string_view path = head.path();
  if (path == options_.path) return upgrade(head);
  if (!ws::asks_for_websocket(head)) {
    if (const auto endpoint = endpoints_.answer(path)) {
      return serve(head, {.status = endpoint->status, .content_type = endpoint->content_type},
                   endpoint->body);
    }
    const auto page = options_.http.pages.find(path);
    if (page != options_.http.pages.end()) {
      const StaticPage& found = page->second;
      return serve(head, {.content_type = found.content_type, .headers = found.headers},
                   found.body);
    }
  }
  return refuse(
      {.status = 404, .reason = "Nothing is served here", .to_head = head.method == "HEAD"});
}

net::HttpAnswer Site::upgrade(const ws::RequestHead& head) const {
  const ws::UpgradeAnswer answer = ws::validate_upgrade(head);
  if (answer.status != 101) return refuse({.status = answer.status, .reason = answer.reason});
  if (!is_allowed_origin(head)) return refuse({.status = 403, .reason = "Origin not allowed"});
  return {101, ws::upgrade_response(answer)};
}

/// RFC 6455 section 10.2. Only browsers name an origin, and only they can be made to call here by
/// somebody else's page.
bool Site::is_allowed_origin(const ws::RequestHead& head) const {
  const auto& allowed = options_.allowed_origins;
  if (allowed.empty()) return true;
  return std::ranges::all_of(head.fields, [&allowed](const ws::HeaderField& field) {
    return !ws::equal_ignoring_case(field.name, "Origin") ||
           std::ranges::find(allowed, ws::trimmed(field.value)) != allowed.end();
  });
}

}  // namespace wscast::server
