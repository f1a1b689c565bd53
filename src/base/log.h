#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wscast/log.h"

namespace wscast {

/// Whether a line of that level is logged: check before building an expensive one. Any thread.
bool log_enabled(LogLevel level) noexcept;

/// Passes a line to the sink; what the sink throws is caught and counted. `event` is one of
/// docs/log-events.md. Any thread.
void log(LogLevel level, std::string_view event, std::string_view message);

/// The number of lines for which the sink threw, since the process started. Any thread.
std::uint64_t log_failures() noexcept;

/// Returns `text` with control bytes, quotes and bytes outside ASCII escaped and its length cut:
/// safe in a log line whatever a peer sent.
std::string printable(std::string_view text);

}  // namespace wscast
