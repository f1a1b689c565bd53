#pragma once

#include <string_view>

namespace wscast::ws {

/// Whether `text` is a valid value of Sec-WebSocket-Extensions (RFC 6455 section 9.1): one or more
/// extensions with their parameters.
bool is_extension_list(std::string_view text);

}  // namespace wscast::ws
