#pragma once

#include <functional>
#include <string_view>

#include "wscast/export.h"

namespace wscast {

/// How much a line of the log matters, from least to most.
enum class LogLevel { debug, info, warning, error };

/// A line of the log. The views are valid during the call of the sink.
struct LogLine {
  LogLevel level = LogLevel::info;

  /// What happened, such as `server_started`: one of docs/log-events.md. It stays the same from one
  /// version to the next, while the words of the message may change.
  std::string_view event{};

  /// For humans, without a line end. Text of a peer in it is escaped and truncated.
  std::string_view message{};
};

/// Receives each line of the library. Called from any thread, also from several at once. What it
/// throws is ignored and counted (`log_failures`).
using LogSink = std::function<void(const LogLine& line)>;

/// Sets where the library logs to, and the lowest level that it passes on. By default it logs
/// nowhere. Call it before the first server is made, never while one runs. The sink is not
/// destroyed at the exit of the program, since static servers may log until then; so must live what
/// it refers to.
WSCAST_EXPORT void set_log_sink(LogSink sink, LogLevel lowest = LogLevel::info);

/// Changes the lowest level that the library passes on. Any thread, also while a server runs.
WSCAST_EXPORT void set_log_level(LogLevel lowest) noexcept;

}  // namespace wscast
