#include "http/router.h"

#include <algorithm>

#include "http/refusal.h"

namespace wscast::http {
namespace {

/// For GET and HEAD alone.
WireResponse serve(const RequestHead& request, const ResponseHead& head, std::string_view body) {
  const bool to_head = request.method == "HEAD";
  if (!to_head && request.method != "GET") {
    return refuse({.status = 405, .reason = "Only GET and HEAD here", .allow = "GET, HEAD"});
  }
  std::string bytes = serialize_head(head, body.size());
  if (!to_head) bytes += body;
  return {head.status, std::move(bytes)};
}

}  // namespace

bool Router::hands_over(std::string_view path) const {
  return std::ranges::any_of(handed_over_, [path](std::string_view start) {
    return path.starts_with(start) && (path.size() == start.size() || path[start.size()] == '/');
  });
}

WireResponse Router::route(const RequestHead& head) const {
  const std::string_view path = head.path();
  if (path == upgrade_.path) return upgrade_.handle(head);
  if (!asks_for_websocket(head)) {
    if (const auto response = status_.find(path)) {
      return serve(head, response->head, response->body);
    }
    if (const auto page = pages_.find(path); page != pages_.end()) {
      const StaticPage& found = page->second;
      return serve(head, {.content_type = found.content_type, .headers = found.headers},
                   found.body);
    }
  }
  if (hands_over(path)) return {kHandOver, {}};
  return refuse(
      {.status = 404, .reason = "Nothing is served here", .to_head = head.method == "HEAD"});
}

}  // namespace wscast::http
