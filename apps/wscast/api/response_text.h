#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "api/http_exchange.h"

namespace wscast::program {

/// A response as one JSON text, for another server; without its headers.
std::string response_text(const ApiResponse& response);

/// std::nullopt: it is none.
std::optional<ApiResponse> read_response(std::string_view text);

}  // namespace wscast::program
