#pragma once

#include <string_view>

#include "wscast/server_options.h"

namespace wscast::program {

/// Makes the console, the page at `/`, for a server whose WebSocket path is `path`. Its content
/// security policy restricts it to the server that it came from.
StaticPage console_page(std::string_view path);

}  // namespace wscast::program
