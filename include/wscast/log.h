#pragma once

#include <functional>
#include <string_view>

#include "wscast/export.h"

namespace wscast {

enum class LogLevel { debug, info, warning, error };

/// Receives each log line of the library, without a line end. `message` may hold text that a peer
/// sent: it is already escaped and cut. Called from any thread, also from several at once. What it
/// throws is swallowed and counted (`log_failures`).
using LogSink = std::function<void(LogLevel level, std::string_view message)>;

/// Where the library logs to; nowhere until this is called. Call it before the first server is
/// made: it must not run beside a running server. `lowest` is the least level that is passed on.
/// The sink is not destroyed at the program's exit, so that static servers may log while they end;
/// what it refers to must live as long as they do.
WSCAST_EXPORT void set_log_sink(LogSink sink, LogLevel lowest = LogLevel::info);

}  // namespace wscast
