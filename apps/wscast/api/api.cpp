#include "api/api.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/problem.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {
namespace {

/// The routes of a path.
struct Match {
  const Route* route = nullptr;  ///< That of the method; null: the path has other methods.
  std::vector<std::string> parameters{};
  std::string methods{};  ///< All of the path; empty: there is no such path.
};

Match find(const ApiRequest& request) {
  Match match;
  for (const Route& route : routes()) {
    auto parameters = match_path(route.path, request.path);
    if (!parameters) continue;
    match.methods.append(match.methods.empty() ? "" : ", ").append(route.method);
    const bool same =
        route.method == request.method || (request.method == "HEAD" && route.method == "GET");
    if (!same) continue;
    match.route = &route;
    match.parameters = std::move(*parameters);
  }
  return match;
}

ApiResponse with_header(ApiResponse response, std::string name, std::string value) {
  response.headers.emplace_back(std::move(name), std::move(value));
  return response;
}

/// Messages are too many for a line each; what only reads changes nothing.
bool is_audited(const Route& route) {
  return route.scope == Scope::admin;
}

}  // namespace

Api::Api(ApiParts parts, const std::vector<ApiKey>& keys) : parts_(std::move(parts)) {
  set_keys(keys);
}

void Api::set_keys(const std::vector<ApiKey>& keys) {
  keys_.set(std::make_shared<const ApiKeys>(keys));
}

std::optional<ApiResponse> Api::refuse(const ApiRequest& head) {
  const Match match = find(head);
  if (match.methods.empty()) return problem(404, "there is no such call");
  if (match.route == nullptr) {
    return with_header(problem(405, "this call takes " + match.methods), "Allow", match.methods);
  }
  if (!match.route->scope) return std::nullopt;
  const auto keys = keys_.get();
  const ApiKey* key = keys->find(head.key);
  if (key == nullptr) {
    return with_header(problem(401, "a key is needed: Authorization: Bearer KEY"),
                       "WWW-Authenticate", "Bearer");
  }
  if (key->has(*match.route->scope)) return std::nullopt;
  return problem(403, "the key lacks the scope " + std::string(to_string(*match.route->scope)));
}

void Api::handle(const ApiRequest& request, Respond respond) {
  Match match = find(request);
  const Route& route = *match.route;
  ApiCall call{.parts = parts_, .parameters = std::move(match.parameters), .query = request.query};
  // A call without required fields may come without a body.
  if (!request.body.empty()) {
    auto body = Body::read(request.body, route.body);
    if (const auto* fault = std::get_if<std::string>(&body)) return respond(problem(400, *fault));
    call.body = std::move(std::get<Body>(body));
  }
  if (!is_audited(route)) return route.handle(call, respond);
  const auto keys = keys_.get();
  const ApiKey* key = keys->find(request.key);
  const std::string line = "api: key \"" + (key == nullptr ? "" : key->name) + "\" " +
                           std::string(request.method) + " " + one_line(request.path) + " " +
                           one_line(request.body);
  route.handle(call, [line, respond](ApiResponse response) {
    log_line(LogLevel::info, line + ": " + std::to_string(response.status));
    respond(std::move(response));
  });
}

}  // namespace wscast::program
