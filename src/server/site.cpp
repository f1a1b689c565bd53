#include "server/site.h"

#include "net/http_response.h"

namespace wscast::server {
namespace {

net::HttpAnswer refuse(const net::Refusal& refusal) {
  return {refusal.status, net::refusal_response(refusal)};
}

net::HttpAnswer upgrade(const ws::RequestHead& head) {
  const ws::UpgradeAnswer answer = ws::judge_upgrade(head);
  if (answer.status == 101) return {101, ws::upgrade_response(answer)};
  return refuse({.status = answer.status, .reason = answer.reason});
}

net::HttpAnswer serve(const ws::RequestHead& head, const StaticPage& page) {
  const bool to_head = head.method == "HEAD";
  if (!to_head && head.method != "GET") {
    return refuse({.status = 405, .reason = "Only GET and HEAD here", .allow = "GET, HEAD"});
  }
  std::string bytes = net::response_head(
      {.content_type = page.content_type, .headers = page.headers}, page.body.size());
  if (!to_head) bytes += page.body;
  return {200, std::move(bytes)};
}

}  // namespace

net::HttpAnswer Site::answer(const ws::RequestHead& head) const {
  if (head.path() == options_.path) return upgrade(head);
  const auto page = options_.http.pages.find(head.path());
  if (page != options_.http.pages.end() && !ws::asks_for_websocket(head)) {
    return serve(head, page->second);
  }
  return refuse(
      {.status = 404, .reason = "Nothing is served here", .to_head = head.method == "HEAD"});
}

}  // namespace wscast::server
