#include "api/problem.h"

#include <string>

#include <boost/beast/http/status.hpp>
#include <nlohmann/json.hpp>

namespace wscast::program {

ApiResponse problem(int status, std::string_view detail) {
  namespace http = boost::beast::http;
  const auto title = http::obsolete_reason(http::int_to_status(static_cast<unsigned>(status)));
  nlohmann::ordered_json body{{"type", "about:blank"},
                              {"title", std::string(title)},
                              {"status", status},
                              {"detail", detail}};
  // Text that a client sent may be no UTF-8.
  return {.status = status,
          .body = body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace),
          .content_type = "application/problem+json"};
}

}  // namespace wscast::program
