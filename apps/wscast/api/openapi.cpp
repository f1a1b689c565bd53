#include "api/openapi.h"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "api/metrics_text.h"

namespace wscast::program {
namespace {

using Json = nlohmann::ordered_json;

Json schema_of(BodyField::Type type) {
  switch (type) {
    case BodyField::Type::text:
      return {{"type", "string"}};
    case BodyField::Type::texts:
      return {{"type", "array"}, {"items", {{"type", "string"}}}};
    case BodyField::Type::number:
      return {{"type", "integer"}, {"minimum", 0}};
    case BodyField::Type::objects:
      return {{"type", "array"}, {"items", {{"type", "object"}}}};
    case BodyField::Type::any:
      break;
  }
  return Json::object();
}

Json body_of(const Route& route) {
  Json properties = Json::object();
  for (const BodyField& field : route.body) {
    Json schema = schema_of(field.type);
    schema["description"] = field.help;
    properties[std::string(field.name)] = std::move(schema);
  }
  return {{"content",
           {{"application/json",
             {{"schema",
               {{"type", "object"},
                {"additionalProperties", false},
                {"properties", std::move(properties)}}}}}}}};
}

Json parameter(const std::string& name, const char* place, Json schema, const char* help) {
  return {{"name", name},
          {"in", place},
          {"required", std::string(place) == "path"},
          {"description", help},
          {"schema", std::move(schema)}};
}

Json parameters_of(const Route& route) {
  Json parameters = Json::array();
  std::string_view path = route.path;
  for (auto begin = path.find('{'); begin != std::string_view::npos; begin = path.find('{')) {
    const auto end = path.find('}', begin);
    parameters.push_back(parameter(std::string(path.substr(begin + 1, end - begin - 1)), "path",
                                   {{"type", "string"}}, "Percent-encoded"));
    path.remove_prefix(end);
  }
  if (!route.paged) return parameters;
  parameters.push_back(parameter("after", "query", {{"type", "string"}},
                                 "What the part before this one has as next"));
  parameters.push_back(parameter("limit", "query",
                                 {{"type", "integer"}, {"minimum", 1}, {"maximum", 1'000}},
                                 "How many; 100 without it"));
  return parameters;
}

Json response(const char* help, const char* type, Json schema) {
  return {{"description", help}, {"content", {{type, {{"schema", std::move(schema)}}}}}};
}

Json operation_of(const Route& route) {
  const bool metrics = route.path == "/metrics";
  Json operation{{"operationId", ""}, {"summary", route.summary}};
  std::string id(route.method);
  std::ranges::transform(id, id.begin(), [](unsigned char c) { return std::tolower(c); });
  bool upper = true;
  for (const char c : route.path) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) {
      upper = true;
    } else {
      id += upper ? static_cast<char>(std::toupper(static_cast<unsigned char>(c))) : c;
      upper = false;
    }
  }
  operation["operationId"] = id;
  if (route.scope) {
    operation["description"] = "Needs a key with the scope " + std::string(to_string(*route.scope));
    operation["security"] = Json::array({{{"key", Json::array()}}});
  } else {
    operation["security"] = Json::array();
  }
  if (Json parameters = parameters_of(route); !parameters.empty()) {
    operation["parameters"] = std::move(parameters);
  }
  if (!route.body.empty()) operation["requestBody"] = body_of(route);
  operation["responses"] = {
      {"200", metrics ? response("Metrics", "text/plain", {{"type", "string"}})
                      : response("Done", "application/json", {{"type", "object"}})},
      {"4XX", {{"$ref", "#/components/responses/Problem"}}},
      {"503", {{"$ref", "#/components/responses/Unavailable"}}}};
  return operation;
}

}  // namespace

std::string openapi_json(std::span<const Route> routes) {
  Json paths = Json::object();
  for (const Route& route : routes) {
    std::string method(route.method);
    std::ranges::transform(method, method.begin(), [](unsigned char c) { return std::tolower(c); });
    paths[std::string(route.path)][method] = operation_of(route);
  }
  const Json problem{{"type", "object"},
                     {"required", {"type", "title", "status", "detail"}},
                     {"properties",
                      {{"type", {{"type", "string"}}},
                       {"title", {{"type", "string"}}},
                       {"status", {{"type", "integer"}}},
                       {"detail", {{"type", "string"}}}}}};
  const Json document{
      {"openapi", "3.1.0"},
      {"info",
       {{"title", "wscast"},
        {"version", "1"},
        {"description", "Sends to clients, and reads and changes what is connected."},
        {"license", {{"name", "MIT"}, {"identifier", "MIT"}}}}},
      {"servers", Json::array({{{"url", "/"}, {"description", "The address of the API"}}})},
      {"paths", std::move(paths)},
      {"components",
       {{"securitySchemes", {{"key", {{"type", "http"}, {"scheme", "bearer"}}}}},
        {"schemas", {{"Problem", problem}}},
        {"responses",
         {{"Problem", response("What is wrong (RFC 9457)", "application/problem+json",
                               {{"$ref", "#/components/schemas/Problem"}})},
          {"Unavailable",
           response("Not done, or not for all", "application/json", {{"type", "object"}})}}}}}};
  return document.dump(2);
}

}  // namespace wscast::program
