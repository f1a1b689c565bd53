#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "wscast/server.h"

#include "api/api_key.h"
#include "api/body.h"
#include "api/http_exchange.h"
#include "api/idempotency.h"
#include "api/metrics_text.h"
#include "api/other_servers.h"

namespace wscast::program {

/// What calls work on.
struct ApiParts {
  Server& server;
  std::shared_ptr<Idempotency> idempotency;
  std::function<Metrics()> metrics;
  std::shared_ptr<OtherServers> others;

  /// Over the limit of the API's HttpServer. On its thread, as all calls.
  std::shared_ptr<std::uint64_t> connections_refused = std::make_shared<std::uint64_t>(0);
};

/// One call, read and checked.
struct ApiCall {
  const ApiParts& parts;
  std::string key_name{};                 ///< Of the key that allowed it.
  std::vector<std::string> parameters{};  ///< Of the path, decoded, in order.
  std::string_view query{};
  Body body{};
};

/// One call of the HTTP API: how it is made, who may make it, and what it does. Requests are
/// matched, and the API is described, by the table of them.
struct Route {
  std::string_view method;
  std::string_view path;       ///< Such as `/api/v1/rooms/{room}`; a parameter is a whole segment.
  std::optional<Scope> scope;  ///< std::nullopt: no key is needed.
  std::string_view summary;
  std::span<const BodyField> body{};  ///< Without any: no body is taken.
  bool paged = false;                 ///< Takes `after` and `limit` in the query.
  Reach reach = Reach::here;
  Merge merge = nullptr;  ///< How the responses of several servers become one.
  /// Makes the call on this server. Unless `reach` is `here` it responds inside the call.
  void (*handle)(const ApiCall& call, const Respond& respond) = nullptr;
};

/// All calls.
std::span<const Route> routes();

/// The parameters in `path`, decoded, if it is one of `pattern`. std::nullopt: it is not, or not
/// validly encoded.
std::optional<std::vector<std::string>> match_path(std::string_view pattern, std::string_view path);

/// Decodes `%XX`; std::nullopt if it is not valid.
std::optional<std::string> percent_decoded(std::string_view text);

/// The value of a parameter of a query, decoded; std::nullopt if it is missing or not valid.
std::optional<std::string> query_parameter(std::string_view query, std::string_view name);

}  // namespace wscast::program
