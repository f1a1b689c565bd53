#pragma once

#include <string_view>

#include "api/http_exchange.h"

namespace wscast::program {

/// An error as RFC 9457 has it: `{"type":"about:blank","title":...,"status":n,"detail":...}`, the
/// title that of the status.
ApiResponse problem(int status, std::string_view detail);

}  // namespace wscast::program
