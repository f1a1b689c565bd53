#pragma once

#include <string>
#include <string_view>

#include "wscast/log.h"

namespace wscast::program {

/// Starts logging to standard error, for the library and the program. `level`: debug, info, warn,
/// error or off; `format`: text, json or logfmt, one line per event. Lines are held back until
/// release_log(), so that a start that fails prints one line: why.
void start_logging(const std::string& level, const std::string& format);

/// Changes the level.
void set_log_level(const std::string& level);

/// Writes the lines that were held back, and from then on each line at once. A second call is a
/// no-op.
void release_log();

/// Logs a line of the program. `event` is one of docs/log-events.md. Text of a peer must be escaped
/// already.
void log_line(LogLevel level, std::string_view event, std::string_view message);

}  // namespace wscast::program
