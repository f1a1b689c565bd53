#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace wscast::program {

enum class LineFormat : std::uint8_t { text, json };

/// Returns the line that says that a message came at `time`, safe for a terminal:
/// `2026-01-31T12:00:00.000Z [lobby] chat {"any":"JSON"}`, or a JSON object with `time`, `room`,
/// `event`, `data` and `id`. What the message does not have is left out. One that is not of the
/// protocol is shown whole, as a JSON string, as `text` of the object.
std::string message_line(std::string_view message, std::chrono::system_clock::time_point time,
                         LineFormat format);

}  // namespace wscast::program
