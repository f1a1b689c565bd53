#pragma once

#include <string>
#include <string_view>

#include "base/log.h"

namespace wscast {

/// Logs lines of one server or emitter, each prefixed by its identifier. Any thread.
class NamedLog {
 public:
  explicit NamedLog(std::string_view identifier) : prefix_("[" + printable(identifier) + "] ") {}

  void operator()(LogLevel level, std::string_view event, std::string_view message) const {
    if (log_enabled(level)) log(level, event, prefix_ + std::string(message));
  }

 private:
  const std::string prefix_;
};

}  // namespace wscast
