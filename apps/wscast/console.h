#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "wscast/server_options.h"

namespace wscast::program {

/// What the pages are to know of the server that serves them.
struct ConsoleOptions {
  std::string_view path;        ///< Of its WebSocket.
  std::string_view encryption;  ///< `off`, `optional` or `required`.
  bool examples = false;        ///< Whether the pages of examples/web are served, too.
};

/// Makes the console, the page at `/`, with what it consists of; and the examples. Their content
/// security policy restricts them to the program's own files, and to WebSocket connections.
std::map<std::string, StaticPage, std::less<>> console_pages(const ConsoleOptions& options);

/// Whether one of these pages is at `path`, whichever are served.
bool is_console_path(std::string_view path);

}  // namespace wscast::program
