#pragma once

#include <chrono>
#include <optional>
#include <string_view>

namespace wscast::program {

/// Reads `500ms`, `5s` or `2m`; a bare `0` is none. Nothing for any other text.
std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);

}  // namespace wscast::program
