#include "base/log.h"

#include <atomic>
#include <utility>

namespace wscast {
namespace {

struct Logger {
  LogSink sink;
  std::atomic<LogLevel> lowest{LogLevel::info};
  std::atomic<std::uint64_t> failures{0};
};

/// Never destroyed: a static Server, made before the sink was set, logs at the program's exit.
Logger& logger() {
  static Logger& instance = *new Logger;
  return instance;
}

constexpr std::size_t kMaxPrintable = 200;

}  // namespace

void set_log_sink(LogSink sink, LogLevel lowest) {
  logger().sink = std::move(sink);
  set_log_level(lowest);
}

void set_log_level(LogLevel lowest) noexcept {
  logger().lowest.store(lowest, std::memory_order_relaxed);
}

bool log_enabled(LogLevel level) noexcept {
  return logger().sink != nullptr && level >= logger().lowest.load(std::memory_order_relaxed);
}

void log(LogLevel level, std::string_view event, std::string_view message) {
  if (!log_enabled(level)) return;
  try {
    logger().sink({level, event, message});
  } catch (...) {
    logger().failures.fetch_add(1, std::memory_order_relaxed);
  }
}

std::uint64_t log_failures() noexcept {
  return logger().failures.load(std::memory_order_relaxed);
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, kMaxPrintable)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  if (text.size() > kMaxPrintable) out += "...";
  return out;
}

}  // namespace wscast
