#pragma once

#include <string_view>

namespace wscast::protocol {

/// Whether `text` is valid UTF-8 (RFC 3629). The scanner and the readers of this layer require
/// that it was checked before. Any thread.
bool is_utf8(std::string_view text);

}  // namespace wscast::protocol
