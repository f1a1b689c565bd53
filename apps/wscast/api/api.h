#pragma once

#include <memory>
#include <vector>

#include "api/api_key.h"
#include "api/http_exchange.h"
#include "api/route.h"
#include "replaceable.h"

namespace wscast::program {

/// The HTTP API: decides by the table of routes what a request is for and who may make it. Thread
/// of its HttpServer; set_keys() on any thread.
class Api final : public RequestHandler {
 public:
  /// What `parts` refer to must outlive this.
  Api(ApiParts parts, const std::vector<ApiKey>& keys);

  /// Requires other keys from the next request on.
  void set_keys(const std::vector<ApiKey>& keys);

  std::optional<ApiResponse> refuse(ApiRequest& head) override;
  void handle(const ApiRequest& request, Respond respond) override;
  void take_turn(const std::function<void()>& turn) override { parts_.server.batch(turn); }
  void on_connection_refused() override { ++*parts_.connections_refused; }

  /// Makes a call for another server, where a key of that name allowed it, on this server alone.
  void handle_for_other(const ApiRequest& request, const std::string& key_name,
                        const Respond& respond);

 private:
  const ApiParts parts_;
  Replaceable<ApiKeys> keys_;
};

}  // namespace wscast::program
