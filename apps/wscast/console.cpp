#include "console.h"

#include <string>

extern const std::string_view embedded_common_js;
extern const std::string_view embedded_page;
extern const std::string_view embedded_theme_css;

namespace wscast::program {
namespace {

/// Each is in the page once; that of the path inside a quoted attribute.
constexpr std::string_view kPathPlaceholder = "{{path}}";
constexpr std::string_view kThemePlaceholder = "{{theme}}";
constexpr std::string_view kCommonPlaceholder = "{{common}}";

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

void replace(std::string& text, std::string_view placeholder, std::string_view content) {
  text.replace(text.find(placeholder), placeholder.size(), content);
}

}  // namespace

StaticPage console_page(std::string_view path) {
  std::string body(embedded_page);
  replace(body, kThemePlaceholder, embedded_theme_css);
  replace(body, kCommonPlaceholder, embedded_common_js);
  replace(body, kPathPlaceholder, attribute_text(path));
  return {.body = std::move(body), .headers = {{"Content-Security-Policy", kPolicy}}};
}

}  // namespace wscast::program
