#include "net/http_response.h"

namespace wscast::net {
namespace {

/// RFC 7231 section 6.1, RFC 6585; the statuses that wscast answers with.
std::string_view phrase_of(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 400:
      return "Bad Request";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 426:
      return "Upgrade Required";
    case 431:
      return "Request Header Fields Too Large";
    case 503:
      return "Service Unavailable";
    default:
      return "";  // RFC 7230 section 3.1.2: the phrase may be empty.
  }
}

void add(std::string& head, std::string_view name, std::string_view value) {
  head += name;
  head += ": ";
  head += value;
  head += "\r\n";
}

}  // namespace

std::string response_head(const HttpResponse& response, std::size_t body_size) {
  std::string head = "HTTP/1.1 " + std::to_string(response.status) + " ";
  head += phrase_of(response.status);
  head += "\r\n";
  // RFC 7230 section 6.7: who sends Upgrade names it in Connection too.
  add(head, "Connection", response.status == 426 ? "close, Upgrade" : "close");
  add(head, "Content-Type", response.content_type);
  add(head, "Content-Length", std::to_string(body_size));
  add(head, "Cache-Control", "no-store");
  add(head, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : response.headers) add(head, name, value);
  head += "\r\n";
  return head;
}

std::string refusal_response(const Refusal& refusal) {
  HttpResponse response{.status = refusal.status};
  if (refusal.status == 405) response.headers.emplace_back("Allow", refusal.allow);
  if (refusal.status == 426) {
    response.headers.emplace_back("Upgrade", "websocket");
    response.headers.emplace_back("Sec-WebSocket-Version", "13");
  }
  if (refusal.status == 503) {
    response.headers.emplace_back("Retry-After", std::to_string(refusal.retry_after.count()));
  }
  std::string text = response_head(response, refusal.reason.size() + 1);
  if (refusal.to_head) return text;
  text += refusal.reason;
  text += '\n';
  return text;
}

}  // namespace wscast::net
