#pragma once

#include <string_view>

namespace wscast::ws {

/// Whether `text` is a value that Sec-WebSocket-Extensions may have (RFC 6455 section 9.1): one
/// extension or more, with their parameters.
bool is_extension_list(std::string_view text);

}  // namespace wscast::ws
