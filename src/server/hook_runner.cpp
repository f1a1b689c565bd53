#include "server/hook_runner.h"

#include <exception>

namespace wscast::server {
namespace {

constexpr auto kSlow = std::chrono::milliseconds(50);
constexpr std::size_t kMaxCauses = 16;

constexpr std::array<std::string_view, static_cast<std::size_t>(HookName::count_)> kNames = {
    "authenticate", "handshake", "validate_rooms",       "connected",
    "disconnected", "message",   "outbound_transformer", "on_result"};

std::string text_of(HookName name) {
  return std::string(kNames[static_cast<std::size_t>(name)]);
}

}  // namespace

void HookRunner::guard(HookName name, const std::function<void()>& call) {
  const SteadyTime begin = clock_.now();
  if (const auto what = thrown_by(call)) note_failure(name, *what);
  note_time(name, begin);
}

std::optional<std::string> HookRunner::thrown_by(const std::function<void()>& call) {
  try {
    call();
    return std::nullopt;
  } catch (const std::exception& error) {
    return error.what();
  } catch (...) {
    return "not a std::exception";
  }
}

void HookRunner::note_failure(HookName name, std::string_view what) {
  counters_.add(Counter::hook_failures);
  const bool often = name == HookName::outbound_transformer;
  if (often && already_logged(what)) return;
  log_(LogLevel::error, "the " + text_of(name) + " hook threw: \"" + printable(what) + "\"" +
                            (often ? "; further ones are only counted" : ""));
}

/// The transformer may fail for each message to each client: one line per cause (protocol.md E4).
bool HookRunner::already_logged(std::string_view cause) {
  if (logged_causes_.size() == kMaxCauses) return true;
  return !logged_causes_.emplace(cause).second;
}

void HookRunner::note_time(HookName name, SteadyTime begin) {
  if (clock_.now() - begin <= kSlow) return;
  counters_.add(Counter::slow_hooks);
  if (std::exchange(logged_slow_[static_cast<std::size_t>(name)], true)) return;
  log_(LogLevel::warning,
       "the " + text_of(name) + " hook took over 50 ms; further ones are only counted");
}

void HookRunner::note_timeout(HookName name) {
  if (std::exchange(logged_timeout_[static_cast<std::size_t>(name)], true)) return;
  log_(LogLevel::error,
       "the " + text_of(name) + " hook did not reply in time; further ones are only counted");
}

}  // namespace wscast::server
