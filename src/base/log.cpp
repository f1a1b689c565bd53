#include "base/log.h"

#include <utility>

namespace wscast {
namespace {

struct Logger {
  LogSink sink;
  LogLevel lowest = LogLevel::info;
};

Logger& logger() {
  static Logger instance;
  return instance;
}

constexpr std::size_t kPrintableMax = 200;

}  // namespace

void set_log_sink(LogSink sink, LogLevel lowest) {
  logger() = {std::move(sink), lowest};
}

bool log_enabled(LogLevel level) noexcept {
  return logger().sink != nullptr && level >= logger().lowest;
}

void log(LogLevel level, std::string_view message) {
  if (log_enabled(level)) logger().sink(level, message);
}

std::string printable(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  for (const char c : text.substr(0, kPrintableMax)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte >= 0x7f) {
      out += {'\\', 'x', digits[byte >> 4], digits[byte & 15]};
    } else {
      if (c == '"' || c == '\\') out += '\\';
      out += c;
    }
  }
  if (text.size() > kPrintableMax) out += "...";
  return out;
}

}  // namespace wscast
