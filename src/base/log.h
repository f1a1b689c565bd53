#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "wscast/log.h"

namespace wscast {

/// Whether a line of that level goes anywhere: ask before building an expensive one. Any thread.
bool log_enabled(LogLevel level) noexcept;

/// What the sink throws is swallowed and counted. Any thread.
void log(LogLevel level, std::string_view message);

/// Lines that the sink threw at, since the process started. Any thread.
std::uint64_t log_failures() noexcept;

/// `text` with control bytes, quotes and bytes outside ASCII escaped and its length cut, fit for a
/// log line whatever a peer put into it.
std::string printable(std::string_view text);

}  // namespace wscast
