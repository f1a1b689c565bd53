#include "logging.h"

#include <array>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>
#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

namespace wscast::program {
namespace {

enum class Format : std::uint8_t { text, json, logfmt };

struct HeldLine {
  LogLevel level;
  std::string event;
  std::string message;
};

struct Log {
  std::mutex mutex;
  Format format = Format::text;
  std::optional<std::vector<HeldLine>> held;
};

Log& the_log() {
  static Log log;
  return log;
}

spdlog::level::level_enum spdlog_level(LogLevel level) {
  constexpr std::array kLevels = {spdlog::level::debug, spdlog::level::info, spdlog::level::warn,
                                  spdlog::level::err};
  return kLevels[static_cast<std::size_t>(level)];
}

/// What the library is to pass on.
LogLevel lowest_of(const std::string& level) {
  return level == "debug" ? LogLevel::debug : LogLevel::info;
}

/// Escapes everything that JSON, logfmt or a terminal could misread.
std::string quoted(std::string_view text) {
  using nlohmann::json;
  return json(text).dump(-1, ' ', true, json::error_handler_t::replace);
}

void write(LogLevel level, std::string_view event, std::string_view message) {
  switch (the_log().format) {
    case Format::text:
      return spdlog::log(spdlog_level(level), "{}", message);
    case Format::json:
      return spdlog::log(spdlog_level(level), R"("event":"{}","message":{})", event,
                         quoted(message));
    case Format::logfmt:
      return spdlog::log(spdlog_level(level), "event={} message={}", event, quoted(message));
  }
}

Format format_of(const std::string& name) {
  if (name == "json") return Format::json;
  return name == "logfmt" ? Format::logfmt : Format::text;
}

/// For spdlog.
const char* pattern_of(Format format) {
  switch (format) {
    case Format::json:
      return R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l",%v})";
    case Format::logfmt:
      return "time=%Y-%m-%dT%H:%M:%S.%e%z level=%l %v";
    case Format::text:
      break;
  }
  return "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v";
}

}  // namespace

void start_logging(const std::string& level, const std::string& format) {
  the_log().format = format_of(format);
  the_log().held.emplace();
  spdlog::set_default_logger(spdlog::stderr_logger_mt("wscast"));
  spdlog::set_pattern(pattern_of(the_log().format));
  set_log_level(level);
  set_log_sink([](const LogLine& line) { log_line(line.level, line.event, line.message); },
               lowest_of(level));
}

void set_log_level(const std::string& level) {
  spdlog::set_level(spdlog::level::from_str(level));
  wscast::set_log_level(lowest_of(level));
}

void release_log() {
  const std::lock_guard lock(the_log().mutex);
  const auto held = std::exchange(the_log().held, std::nullopt);
  if (!held) return;
  for (const auto& [level, event, message] : *held) write(level, event, message);
}

void log_line(LogLevel level, std::string_view event, std::string_view message) {
  if (!spdlog::should_log(spdlog_level(level))) return;
  const std::lock_guard lock(the_log().mutex);
  if (the_log().held) {
    the_log().held->push_back({level, std::string(event), std::string(message)});
  } else {
    write(level, event, message);
  }
}

}  // namespace wscast::program
