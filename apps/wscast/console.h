#pragma once

#include <string_view>

#include "wscast/server_options.h"

namespace wscast::program {

/// The page at `/`, told where WebSocket connections are taken. It asks nothing of anybody but the
/// server that it came from, and its policy holds it to that.
StaticPage console_page(std::string_view path);

}  // namespace wscast::program
