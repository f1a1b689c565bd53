#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/http_exchange.h"

namespace wscast::program {

/// Whether `text` is an origin as browsers send it, such as `https://admin.example` or
/// `http://127.0.0.1:9090`: lower case, without a path.
bool is_api_origin(std::string_view text);

/// Refuses what pages of other origins ask for with 403, but for the origins that are listed: to
/// these it lets browsers pass the responses on (CORS), and responds to preflights. Requests
/// without an `Origin`, and those of a page of this address, are handled as if it were not there.
class OriginFilter final : public RequestHandler {
 public:
  /// `next` must outlive this. `origins`: each with is_api_origin().
  OriginFilter(RequestHandler& next, std::vector<std::string> origins);

  std::optional<ApiResponse> refuse(ApiRequest& head) override;
  void handle(const ApiRequest& request, Respond respond) override;
  void take_turn(const std::function<void()>& turn) override { next_.take_turn(turn); }
  void on_connection_refused() override { next_.on_connection_refused(); }

 private:
  bool is_listed(std::string_view origin) const;

  RequestHandler& next_;
  const std::vector<std::string> origins_;
};

}  // namespace wscast::program
