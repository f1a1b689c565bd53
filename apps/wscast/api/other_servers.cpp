#include "api/other_servers.h"

#include <array>
#include <optional>
#include <utility>
#include <variant>

#include "wscast/error.h"

#include "api/answers.h"
#include "api/body.h"
#include "api/problem.h"
#include "api/response_text.h"
#include "json_writer.h"

namespace wscast::program {
namespace {

using Type = BodyField::Type;

constexpr int kFound = 200;
constexpr int kNotFound = 404;

constexpr std::array kRequestFields = {
    BodyField{"method", Type::text, ""}, BodyField{"path", Type::text, ""},
    BodyField{"query", Type::text, ""}, BodyField{"key", Type::text, ""},
    BodyField{"body", Type::any, ""}};

std::string request_json(const ApiRequest& request, const std::string& key_name) {
  JsonObjectWriter out;
  out.text("method", request.method)
      .text("path", request.path)
      .optional_text("query", request.query)
      .text("key", key_name);
  if (!request.body.empty()) out.raw("body", Json::text(request.body));
  return out.finish();
}

/// What others responded; one that did not find the call possible counts as unanswered.
Gathered gather(ApiResponse here, const ServersResult& result, std::string_view query) {
  Gathered gathered{.here = std::move(here), .unanswered = result.unanswered, .query = query};
  for (const ServerResponse& one : result.responses) {
    auto response = read_response(one.response);
    if (response && (response->status == kFound || response->status == kNotFound)) {
      gathered.others.push_back(std::move(*response));
    } else {
      gathered.unanswered.push_back(one.server_id);
    }
  }
  return gathered;
}

}  // namespace

void OtherServers::complete(const Call& call, ApiResponse here, const Respond& respond) const {
  const bool owner = call.reach == Reach::owner;
  const bool all = call.reach == Reach::all && (here.status == kFound || here.status == kNotFound);
  if (!all && !(owner && here.status == kNotFound)) return respond(std::move(here));
  const Merge merge = owner ? merge_found : call.merge;
  const auto finish = [self = shared_from_this(), merge, here = std::move(here),
                       query = std::string(call.request.query),
                       respond](const ServersResult& result) {
    self->parts_->post(
        [merge, here, query, respond, result] { respond(merge(gather(here, result, query))); });
  };
  const std::string request = request_json(call.request, call.key_name);
  const auto error =
      parts_->server.call_servers({.request = Json::text(request), .on_result = finish});
  if (error) respond(error_response(error));
}

void OtherServers::forward(const std::string& server_id, const ApiRequest& request,
                           const Respond& respond) const {
  const auto finish = [respond](const ServersResult& result) {
    const auto response =
        result.responses.empty() ? std::nullopt : read_response(result.responses.front().response);
    respond(response ? *response : problem(503, "the server did not answer"));
  };
  const std::string json = request_json(request, {});
  const auto error = parts_->server.call_servers(
      {.server_id = server_id, .request = Json::text(json), .on_result = finish});
  if (error) respond(error_response(error));
}

void OtherServers::serve(const ServerCallRequest& call, const Reply<std::string>& reply) const {
  parts_->post([self = shared_from_this(), json = std::string(call.request.view()), reply] {
    const auto read = Body::read(json, kRequestFields);
    const auto* body = std::get_if<Body>(&read);
    if (body == nullptr) return;
    const ApiRequest request{.method = body->text("method"),
                             .path = body->text("path"),
                             .query = body->text("query"),
                             .body = body->raw("body")};
    self->parts_->handle(request, std::string(body->text("key")),
                         [reply](const ApiResponse& response) { reply(response_text(response)); });
  });
}

}  // namespace wscast::program
