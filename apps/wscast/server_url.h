#pragma once

#include <string>

namespace wscast::program {

/// Returns `url`, of a WebSocket server, with the path /ws if it has none.
std::string with_path(const std::string& url);

/// Returns `url` without its query, which may have a secret.
std::string without_query(const std::string& url);

}  // namespace wscast::program
