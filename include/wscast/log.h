#pragma once

#include <functional>
#include <string_view>

#include "wscast/export.h"

namespace wscast {

enum class LogLevel { debug, info, warning, error };

/// Receives each log line of the library, without a line end. Text of a peer in `message` is
/// escaped and truncated already. Called from any thread, also from several at once. What it throws
/// is ignored and counted (`log_failures`).
using LogSink = std::function<void(LogLevel level, std::string_view message)>;

/// Sets where the library logs to, and the lowest level that it passes on. By default it logs
/// nowhere. Call it before the first server is made, never while one runs. The sink is not
/// destroyed at the exit of the program, since static servers may log until then; so must live what
/// it refers to.
WSCAST_EXPORT void set_log_sink(LogSink sink, LogLevel lowest = LogLevel::info);

/// Changes the lowest level that the library passes on. Any thread, also while a server runs.
WSCAST_EXPORT void set_log_level(LogLevel lowest) noexcept;

}  // namespace wscast
