#include "console.h"

#include <string>

extern const std::string_view embedded_page;

namespace wscast::program {
namespace {

/// Is in the page once, inside a quoted attribute.
constexpr std::string_view kPathPlaceholder = "{{path}}";

/// `ws:` and `wss:` are for browsers whose 'self' does not include WebSocket.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

std::string attribute_text(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '<':
        out += "&lt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

}  // namespace

StaticPage console_page(std::string_view path) {
  std::string body(embedded_page);
  body.replace(body.find(kPathPlaceholder), kPathPlaceholder.size(), attribute_text(path));
  return {.body = std::move(body), .headers = {{"Content-Security-Policy", kPolicy}}};
}

}  // namespace wscast::program
