#include "http/response.h"

namespace wscast::http {
namespace {

/// RFC 7231 section 6.1, RFC 6585; the statuses that wscast sends.
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
    case 429:
      return "Too Many Requests";
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

std::string serialize_head(const ResponseHead& head, std::size_t body_size) {
  std::string text = "HTTP/1.1 " + std::to_string(head.status) + " ";
  text += phrase_of(head.status);
  text += "\r\n";
  // RFC 7230 section 6.7: who sends Upgrade names it in Connection too.
  add(text, "Connection", head.status == 426 ? "close, Upgrade" : "close");
  add(text, "Content-Type", head.content_type);
  add(text, "Content-Length", std::to_string(body_size));
  add(text, "Cache-Control", "no-store");
  add(text, "X-Content-Type-Options", "nosniff");
  for (const auto& [name, value] : head.headers) add(text, name, value);
  text += "\r\n";
  return text;
}

}  // namespace wscast::http
