#include "api/api.h"

#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "api/equal_short.h"
#include "api/problem.h"
#include "logging.h"
#include "one_line.h"

namespace wscast::program {
namespace {

ApiResponse with_header(ApiResponse response, std::string name, std::string value) {
  response.headers.emplace_back(std::move(name), std::move(value));
  return response;
}

/// The route that a request is for.
struct Match {
  const Route* route = nullptr;  ///< Null: there is none.
  std::vector<std::string> parameters{};
};

Match find(const ApiRequest& request) {
  const std::string_view method = request.method == "HEAD" ? "GET" : request.method;
  for (const Route& route : routes()) {
    if (!equal_short(route.method, method)) continue;
    if (auto parameters = match_path(route.path, request.path)) {
      return {.route = &route, .parameters = std::move(*parameters)};
    }
  }
  return {};
}

/// All that a path has; empty: there is no such path.
std::string methods_of(std::string_view path) {
  std::string methods;
  for (const Route& route : routes()) {
    if (!match_path(route.path, path)) continue;
    methods.append(methods.empty() ? "" : ", ").append(route.method);
  }
  return methods;
}

ApiResponse refusal_of(std::string_view path) {
  const std::string methods = methods_of(path);
  if (methods.empty()) return problem(404, "there is no such call");
  return with_header(problem(405, "this call takes " + methods), "Allow", methods);
}

/// Messages are too many for a line each; what only reads changes nothing.
bool is_audited(const Route& route) {
  return route.scope == Scope::admin;
}

std::string audit_line(const std::string& who, const ApiRequest& request) {
  return "api: " + one_line(who) + " " + std::string(request.method) + " " +
         one_line(request.path) + " " + one_line(request.body);
}

/// Logs the line with the status of the response, and who made the call.
Respond audited(const std::string& line, const ApiRequest& request, Respond respond) {
  const std::string from =
      request.remote_address.empty() ? "" : ", from " + one_line(request.remote_address);
  return [line, from, respond = std::move(respond)](ApiResponse response) {
    log_line(LogLevel::info, "api_call", line + ": " + std::to_string(response.status) + from);
    respond(std::move(response));
  };
}

/// Reads a call of a route. Returns what is wrong with its body.
std::variant<ApiCall, std::string> read_call(const ApiParts& parts, const ApiRequest& request,
                                             const std::string& key_name, const Route& route,
                                             std::vector<std::string> parameters) {
  ApiCall call{.parts = parts,
               .key_name = key_name,
               .parameters = std::move(parameters),
               .query = request.query};
  // A call without required fields may come without a body.
  if (request.body.empty()) return call;
  auto body = Body::read(request.body, route.body);
  if (auto* fault = std::get_if<std::string>(&body)) return std::move(*fault);
  call.body = std::move(std::get<Body>(body));
  return call;
}

}  // namespace

Api::Api(ApiParts parts, const std::vector<ApiKey>& keys) : parts_(std::move(parts)) {
  set_keys(keys);
}

void Api::set_keys(const std::vector<ApiKey>& keys) {
  keys_.set(std::make_shared<const ApiKeys>(keys));
}

std::optional<ApiResponse> Api::refuse(ApiRequest& head) {
  Match match = find(head);
  if (match.route == nullptr) return refusal_of(head.path);
  head.route = match.route;
  head.parameters = std::move(match.parameters);
  if (!match.route->scope) return std::nullopt;
  const auto keys = keys_.get();
  const ApiKey* key = keys->find(head.key);
  if (key == nullptr) {
    return with_header(problem(401, "a key is needed: Authorization: Bearer KEY"),
                       "WWW-Authenticate", "Bearer");
  }
  head.key_name = key->name;
  if (key->has(*match.route->scope)) return std::nullopt;
  return problem(403, "the key lacks the scope " + std::string(to_string(*match.route->scope)));
}

void Api::handle(const ApiRequest& request, Respond respond) {
  const Route& route = *request.route;
  const std::string& key_name = request.key_name;
  auto read = read_call(parts_, request, key_name, route, request.parameters);
  if (const auto* fault = std::get_if<std::string>(&read)) return respond(problem(400, *fault));
  const ApiCall& call = std::get<ApiCall>(read);
  if (is_audited(route)) {
    respond = audited(audit_line("key \"" + key_name + "\"", request), request, std::move(respond));
  }
  if (route.reach == Reach::here) return route.handle(call, respond);
  route.handle(call, [&](ApiResponse here) {
    const bool owner =
        route.reach == Reach::owner || (route.reach == Reach::body && call.body.has("client"));
    parts_.others->complete({.request = request,
                             .key_name = key_name,
                             .reach = owner ? Reach::owner : Reach::all,
                             .merge = route.merge},
                            std::move(here), respond);
  });
}

void Api::handle_for_other(const ApiRequest& request, const std::string& key_name,
                           const Respond& respond) {
  Match match = find(request);
  const bool known =
      match.route != nullptr && match.route->scope && *match.route->scope != Scope::publish;
  if (!known) return respond(problem(404, "there is no such call"));
  const Route& route = *match.route;
  auto read = read_call(parts_, request, key_name, route, std::move(match.parameters));
  if (const auto* fault = std::get_if<std::string>(&read)) return respond(problem(400, *fault));
  route.handle(std::get<ApiCall>(read),
               is_audited(route)
                   ? audited(audit_line("key \"" + key_name + "\" of another server", request),
                             request, respond)
                   : respond);
}

}  // namespace wscast::program
