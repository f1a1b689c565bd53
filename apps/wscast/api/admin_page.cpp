#include "api/admin_page.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "api/problem.h"

extern const std::string_view embedded_admin_html;
extern const std::string_view embedded_admin_css;
extern const std::string_view embedded_admin_mark;
extern const std::string_view embedded_theme_css;
extern const std::string_view embedded_common_js;
extern const std::string_view embedded_admin_js;
extern const std::string_view embedded_admin_calls_js;
extern const std::string_view embedded_admin_chart_js;
extern const std::string_view embedded_admin_clients_js;
extern const std::string_view embedded_admin_confirm_js;
extern const std::string_view embedded_admin_list_js;
extern const std::string_view embedded_admin_live_js;
extern const std::string_view embedded_admin_make_js;
extern const std::string_view embedded_admin_overview_js;
extern const std::string_view embedded_admin_publish_js;
extern const std::string_view embedded_admin_rooms_js;
extern const std::string_view embedded_admin_servers_js;
extern const std::string_view embedded_admin_trace_js;
extern const std::string_view embedded_admin_users_js;
extern const std::string_view embedded_admin_words_js;

namespace wscast::program {
namespace {

constexpr std::string_view kPath = "/admin";

/// Trusted types refuse each way to make elements of text.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'";

constexpr const char* kHtml = "text/html; charset=utf-8";
constexpr const char* kCss = "text/css; charset=utf-8";
constexpr const char* kJavaScript = "text/javascript; charset=utf-8";

struct File {
  std::string_view name;  ///< Behind `/admin`.
  const char* type;
  const std::string_view& content;
};

const auto kFiles = std::to_array<File>({
    {"", kHtml, embedded_admin_html},
    {"/admin.css", kCss, embedded_admin_css},
    {"/theme.css", kCss, embedded_theme_css},
    {"/mark.svg", "image/svg+xml", embedded_admin_mark},
    {"/common.js", kJavaScript, embedded_common_js},
    {"/admin.js", kJavaScript, embedded_admin_js},
    {"/calls.js", kJavaScript, embedded_admin_calls_js},
    {"/chart.js", kJavaScript, embedded_admin_chart_js},
    {"/clients.js", kJavaScript, embedded_admin_clients_js},
    {"/confirm.js", kJavaScript, embedded_admin_confirm_js},
    {"/list.js", kJavaScript, embedded_admin_list_js},
    {"/live.js", kJavaScript, embedded_admin_live_js},
    {"/make.js", kJavaScript, embedded_admin_make_js},
    {"/overview.js", kJavaScript, embedded_admin_overview_js},
    {"/publish.js", kJavaScript, embedded_admin_publish_js},
    {"/rooms.js", kJavaScript, embedded_admin_rooms_js},
    {"/servers.js", kJavaScript, embedded_admin_servers_js},
    {"/trace.js", kJavaScript, embedded_admin_trace_js},
    {"/users.js", kJavaScript, embedded_admin_users_js},
    {"/words.js", kJavaScript, embedded_admin_words_js},
});

/// Null: there is none of that path.
const File* find(std::string_view path) {
  if (!path.starts_with(kPath)) return nullptr;
  const auto* found = std::ranges::find(kFiles, path.substr(kPath.size()), &File::name);
  return found == kFiles.end() ? nullptr : found;
}

bool is_read(const ApiRequest& request) {
  return request.method == "GET" || request.method == "HEAD";
}

/// The page's links are relative to its path without a slash. Relative, too: a proxy may have the
/// page below another path.
bool is_slashed(const ApiRequest& request) {
  return request.path == "/admin/" && is_read(request);
}

}  // namespace

std::optional<ApiResponse> AdminPage::refuse(ApiRequest& head) {
  if (served_ && is_slashed(head)) return std::nullopt;
  if (!served_ || find(head.path) == nullptr) return next_.refuse(head);
  if (is_read(head)) return std::nullopt;
  ApiResponse response = problem(405, "this page takes GET");
  response.headers.emplace_back("Allow", "GET");
  return response;
}

void AdminPage::handle(const ApiRequest& request, Respond respond) {
  if (served_ && is_slashed(request)) {
    return respond({.status = 308, .headers = {{"Location", "../admin"}}});
  }
  const File* file = served_ ? find(request.path) : nullptr;
  if (file == nullptr) return next_.handle(request, std::move(respond));
  respond({.status = 200,
           .body = std::string(file->content),
           .content_type = file->type,
           .headers = {{"Content-Security-Policy", kPolicy},
                       {"Referrer-Policy", "no-referrer"},
                       {"Cross-Origin-Resource-Policy", "same-origin"}}});
}

}  // namespace wscast::program
