#include "api/origin.h"

#include <algorithm>
#include <array>
#include <utility>

#include "api/problem.h"

namespace wscast::program {
namespace {

constexpr std::string_view kSchemeEnd = "://";
constexpr const char* kPreflightSeconds = "600";

/// HOST or HOST:PORT of an origin; empty: it is none, such as `null`.
std::string_view authority_of(std::string_view origin) {
  const auto end = origin.find(kSchemeEnd);
  return end == std::string_view::npos ? "" : origin.substr(end + kSchemeEnd.size());
}

/// Host names are compared so. Browsers send them in lower case, other programs may not.
bool same_ignoring_case(std::string_view left, std::string_view right) {
  const auto lower = [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; };
  return std::ranges::equal(left, right, {}, lower, lower);
}

/// The scheme is not compared: behind a proxy with TLS it is not known here.
bool is_own(const ApiRequest& request) {
  const std::string_view authority = authority_of(request.origin);
  return !authority.empty() && same_ignoring_case(authority, request.host);
}

bool is_preflight(const ApiRequest& request) {
  return request.method == "OPTIONS";
}

ApiResponse shared_with(const std::string& origin, ApiResponse response) {
  response.headers.emplace_back("Access-Control-Allow-Origin", origin);
  response.headers.emplace_back("Access-Control-Expose-Headers", "Retry-After");
  response.headers.emplace_back("Vary", "Origin");
  return response;
}

ApiResponse preflight_response() {
  return {.status = 200,
          .headers = {{"Access-Control-Allow-Methods", "GET, POST"},
                      {"Access-Control-Allow-Headers", "Authorization, Content-Type"},
                      {"Access-Control-Max-Age", kPreflightSeconds}}};
}

}  // namespace

bool is_api_origin(std::string_view text) {
  constexpr std::array<std::string_view, 2> schemes{"http://", "https://"};
  const auto starts = [text](std::string_view scheme) { return text.starts_with(scheme); };
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == ':' ||
           c == '[' || c == ']' || c == '_';
  };
  const std::string_view authority = authority_of(text);
  return std::ranges::any_of(schemes, starts) && !authority.empty() &&
         std::ranges::all_of(authority, fits);
}

OriginFilter::OriginFilter(RequestHandler& next, std::vector<std::string> origins)
    : next_(next), origins_(std::move(origins)) {}

bool OriginFilter::is_listed(std::string_view origin) const {
  return std::ranges::find(origins_, origin) != origins_.end();
}

std::optional<ApiResponse> OriginFilter::refuse(ApiRequest& head) {
  if (!is_listed(head.origin)) {
    if (head.origin.empty() || is_own(head)) return next_.refuse(head);
    return problem(403, "pages of other origins may not use this API: see api.origins");
  }
  if (is_preflight(head)) return std::nullopt;
  auto refused = next_.refuse(head);
  if (refused) refused = shared_with(std::string(head.origin), std::move(*refused));
  return refused;
}

void OriginFilter::handle(const ApiRequest& request, Respond respond) {
  if (!is_listed(request.origin)) return next_.handle(request, std::move(respond));
  // The response may come when the request is gone.
  const std::string origin(request.origin);
  if (is_preflight(request)) return respond(shared_with(origin, preflight_response()));
  next_.handle(request, [origin, respond = std::move(respond)](ApiResponse response) {
    respond(shared_with(origin, std::move(response)));
  });
}

}  // namespace wscast::program
