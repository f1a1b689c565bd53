#pragma once

#include <span>
#include <string>

#include "api/route.h"

namespace wscast::program {

/// Describes the calls as OpenAPI 3.1 has it, as JSON.
std::string openapi_json(std::span<const Route> routes);

}  // namespace wscast::program
