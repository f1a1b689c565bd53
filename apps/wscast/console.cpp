#include "console.h"

#include <algorithm>
#include <array>

extern const std::string_view embedded_client_js;
extern const std::string_view embedded_common_js;
extern const std::string_view embedded_console_console_js;
extern const std::string_view embedded_console_css;
extern const std::string_view embedded_console_explain_js;
extern const std::string_view embedded_console_html;
extern const std::string_view embedded_console_log_js;
extern const std::string_view embedded_console_make_js;
extern const std::string_view embedded_console_wire_js;
extern const std::string_view embedded_console_words_js;
extern const std::string_view embedded_example_chat_html;
extern const std::string_view embedded_example_cursors_html;
extern const std::string_view embedded_example_person_js;
extern const std::string_view embedded_example_theme_css;
extern const std::string_view embedded_theme_css;

namespace wscast::program {
namespace {

// `ws:` and `wss:` are for browsers whose 'self' does not include WebSocket.
constexpr const char* kConsolePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; "
    "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// An example is one file, with its script and its style.
constexpr const char* kExamplePolicy =
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; "
    "img-src data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'";

struct File {
  std::string_view path;
  const std::string_view& content;
};

const auto kFiles = std::to_array<File>({
    {"/", embedded_console_html},
    {"/theme.css", embedded_theme_css},
    {"/common.js", embedded_common_js},
    {"/client.js", embedded_client_js},
    {"/console/console.css", embedded_console_css},
    {"/console/console.js", embedded_console_console_js},
    {"/console/explain.js", embedded_console_explain_js},
    {"/console/log.js", embedded_console_log_js},
    {"/console/make.js", embedded_console_make_js},
    {"/console/wire.js", embedded_console_wire_js},
    {"/console/words.js", embedded_console_words_js},
    {"/examples/chat.html", embedded_example_chat_html},
    {"/examples/cursors.html", embedded_example_cursors_html},
    {"/examples/person.js", embedded_example_person_js},
    {"/examples/theme.css", embedded_example_theme_css},
});

bool is_example(std::string_view path) {
  return path.starts_with("/examples/");
}

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

/// The pages have them as they are for `wscast serve --dev` without further options.
void set_meta(std::string& page, std::string_view name, std::string_view value) {
  const std::string start = "<meta name=\"wscast-" + std::string(name) + "\" content=\"";
  const std::size_t found = page.find(start);
  if (found == std::string::npos) return;
  const std::size_t begin = found + start.size();
  page.replace(begin, page.find('"', begin) - begin, attribute_text(value));
}

StaticPage page_of(const File& file, const ConsoleOptions& options) {
  StaticPage page{.body = std::string(file.content)};
  if (file.path.ends_with(".css")) {
    page.content_type = "text/css; charset=utf-8";
  } else if (file.path.ends_with(".js")) {
    page.content_type = "text/javascript; charset=utf-8";
  } else {
    set_meta(page.body, "path", options.path);
    set_meta(page.body, "encryption", options.encryption);
    set_meta(page.body, "examples", options.examples ? "served" : "none");
    page.headers.emplace_back("Content-Security-Policy",
                              is_example(file.path) ? kExamplePolicy : kConsolePolicy);
  }
  return page;
}

}  // namespace

std::map<std::string, StaticPage, std::less<>> console_pages(const ConsoleOptions& options) {
  std::map<std::string, StaticPage, std::less<>> pages;
  for (const File& file : kFiles) {
    if (is_example(file.path) && !options.examples) continue;
    pages.emplace(file.path, page_of(file, options));
  }
  return pages;
}

bool is_console_path(std::string_view path) {
  return std::ranges::find(kFiles, path, &File::path) != kFiles.end();
}

}  // namespace wscast::program
