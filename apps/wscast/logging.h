#pragma once

#include <string>
#include <string_view>

#include "wscast/log.h"

namespace wscast::program {

/// Starts logging to standard error: the library's lines and the program's own. `level`: debug,
/// info, warn, error or off; `format`: text or json, one line an event. Lines are held back until
/// release_log(): a start that fails says one line, why.
void start_logging(const std::string& level, const std::string& format);

/// Writes the lines that were held back, and from here on each at once. A no-op when it was called
/// before.
void release_log();

/// A line of the program's own. Text that a peer sent must be escaped before.
void log_line(LogLevel level, std::string_view message);

/// `message` without line ends and other control bytes, which become `\xNN`, and cut: one line,
/// whatever somebody typed.
std::string one_line(std::string_view message);

}  // namespace wscast::program
