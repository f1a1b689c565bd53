#include "server/hook_runner.h"

#include <exception>

namespace wscast::server {
namespace {

constexpr auto kSlow = std::chrono::milliseconds(50);
constexpr std::size_t kMaxCauses = 16;

std::string text_of(HookName name) {
  return std::string(to_string(name));
}

}  // namespace

/// A line that cannot be made for want of memory is left out, as in the following.
void HookRunner::note_failure(HookName name, std::string_view what) noexcept try {
  counters_.add(Counter::hook_failures);
  const bool often = name == HookName::outbound_transformer;
  if (often && already_logged(what)) return;
  log_(LogLevel::error, "hook_failed",
       "the " + text_of(name) + " hook threw: \"" + printable(what) + "\"" +
           (often ? "; further ones are only counted" : ""));
} catch (const std::bad_alloc&) {
}

/// The transformer may fail for each message to each client: one line per cause (protocol.md E4).
bool HookRunner::already_logged(std::string_view cause) {
  if (logged_causes_.size() == kMaxCauses) return true;
  return !logged_causes_.emplace(cause).second;
}

void HookRunner::note_time(HookName name, std::chrono::nanoseconds took) noexcept try {
  if (took <= kSlow) return;
  counters_.add(Counter::slow_hooks);
  if (std::exchange(logged_slow_[static_cast<std::size_t>(name)], true)) return;
  log_(LogLevel::warning, "hook_slow",
       "the " + text_of(name) + " hook took over 50 ms; further ones are only counted");
} catch (const std::bad_alloc&) {
}

void HookRunner::note_timeout(HookName name) noexcept try {
  if (std::exchange(logged_timeout_[static_cast<std::size_t>(name)], true)) return;
  log_(LogLevel::error, "hook_timed_out",
       "the " + text_of(name) + " hook did not reply in time; further ones are only counted");
} catch (const std::bad_alloc&) {
}

}  // namespace wscast::server
