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

using nlohmann::json;

struct Log {
  std::mutex mutex;
  bool as_json = false;
  std::optional<std::vector<std::pair<LogLevel, std::string>>> held;
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

void write(LogLevel level, std::string_view message) {
  if (the_log().as_json) {
    // Escapes everything that JSON or a terminal could misread.
    spdlog::log(spdlog_level(level), "{}",
                json(message).dump(-1, ' ', true, json::error_handler_t::replace));
  } else {
    spdlog::log(spdlog_level(level), "{}", message);
  }
}

}  // namespace

void start_logging(const std::string& level, const std::string& format) {
  the_log().as_json = format == "json";
  the_log().held.emplace();
  spdlog::set_default_logger(spdlog::stderr_logger_mt("wscast"));
  spdlog::set_pattern(the_log().as_json
                          ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","level":"%l","message":%v})"
                          : "%Y-%m-%dT%H:%M:%S.%e %^%l%$ %v");
  set_log_level(level);
  set_log_sink(log_line, lowest_of(level));
}

void set_log_level(const std::string& level) {
  spdlog::set_level(spdlog::level::from_str(level));
  wscast::set_log_level(lowest_of(level));
}

void release_log() {
  const std::lock_guard lock(the_log().mutex);
  const auto held = std::exchange(the_log().held, std::nullopt);
  if (!held) return;
  for (const auto& [level, message] : *held) write(level, message);
}

void log_line(LogLevel level, std::string_view message) {
  if (!spdlog::should_log(spdlog_level(level))) return;
  const std::lock_guard lock(the_log().mutex);
  if (the_log().held) {
    the_log().held->emplace_back(level, message);
  } else {
    write(level, message);
  }
}

}  // namespace wscast::program
