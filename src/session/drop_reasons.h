#pragma once

#include <string_view>

// Why messages are dropped, for people.
namespace wscast::session {

inline constexpr std::string_view kReadsTooSlowly =
    "it reads too slowly: more than backpressure_limit waits for it";

}  // namespace wscast::session
