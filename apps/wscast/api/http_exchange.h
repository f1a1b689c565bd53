#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wscast::program {

struct Route;

/// A request of the HTTP API. The views are valid until it is responded to.
struct ApiRequest {
  std::string_view method{};
  std::string_view path{};   ///< Still percent-encoded.
  std::string_view query{};  ///< Behind the question mark, still percent-encoded.
  std::string_view host{};
  std::string_view origin{};  ///< Of the page that a browser sends it for; empty: none.
  std::string_view key{};     ///< Of `Authorization: Bearer KEY`; empty: none.
  std::string_view body{};
  std::string_view remote_address{};  ///< The client's, behind trusted proxies; empty: none.

  // What RequestHandler::refuse() finds, for handle().
  const Route* route = nullptr;           ///< Null: it is no call of the API.
  std::vector<std::string> parameters{};  ///< Of the path, decoded, in order.
  std::string key_name{};                 ///< Of the key that allows it; empty: it needs none.
};

struct ApiResponse {
  int status = 200;
  std::string body{};
  std::string_view content_type = "application/json";  ///< Of static storage.
  std::vector<std::pair<std::string, std::string>> headers{};
};

/// Sends the response, once; on any thread.
using Respond = std::function<void(ApiResponse)>;

/// What a server does with requests. On the thread of its connections.
class RequestHandler {
 public:
  virtual ~RequestHandler() = default;

  /// Whether a request may go on to its body, before that is read. Returns a response to refuse it.
  /// May note in `head` what it finds.
  virtual std::optional<ApiResponse> refuse(ApiRequest& head) = 0;

  /// Handles a request whole, which refuse() has let pass; `respond` may be called during the call
  /// or later.
  virtual void handle(const ApiRequest& request, Respond respond) = 0;

  /// Runs `turn`, which handles the requests that are there; what they cause may wait until then.
  virtual void take_turn(const std::function<void()>& turn) { turn(); }

  /// One connection more than the limit was refused.
  virtual void on_connection_refused() {}
};

}  // namespace wscast::program
