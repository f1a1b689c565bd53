#include "session/context.h"

#include <string>
#include <utility>

#include "base/log.h"

namespace wscast::session {

void Context::report_invalid_result(std::string_view hook) const {
  counters.add(Counter::hook_failures);
  log(LogLevel::error, "hook_result_invalid",
      "the " + std::string(hook) + " hook's result is not fit to be sent");
}

void Context::report_invalid_transform() {
  counters.add(Counter::hook_failures);
  if (std::exchange(invalid_transform_logged, true)) return;
  log(LogLevel::error, "hook_result_invalid",
      "the outbound_transformer hook's result is not fit to be sent; further ones are only "
      "counted");
}

}  // namespace wscast::session
