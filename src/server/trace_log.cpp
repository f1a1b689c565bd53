#include "server/trace_log.h"

#include <exception>
#include <utility>

namespace wscast {

std::string_view to_string(TraceStep step) {
  switch (step) {
    case TraceStep::published:
      return "published";
    case TraceStep::broker:
      return "broker";
    case TraceStep::received:
      return "received";
    case TraceStep::delivered:
      return "delivered";
    case TraceStep::written:
      return "written";
    case TraceStep::dropped:
      return "dropped";
  }
  return {};
}

namespace server {

bool TraceLog::is_open(SteadyTime now) const {
  return !report_.ended && now < ends && report_.messages < max_messages;
}

bool TraceLog::open(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  return is_open(now);
}

bool TraceLog::take_message(SteadyTime now) {
  const std::lock_guard lock(mutex_);
  if (!is_open(now)) return false;
  ++report_.messages;
  return true;
}

void TraceLog::add(TraceEvent event) noexcept {
  const std::lock_guard lock(mutex_);
  if (report_.events.size() >= kMaxEvents) {
    ++report_.events_lost;
    return;
  }
  try {
    report_.events.push_back(std::move(event));
  } catch (const std::exception&) {
    ++report_.events_lost;
  }
}

void TraceLog::end() {
  const std::lock_guard lock(mutex_);
  report_.ended = true;
}

TraceReport TraceLog::report(SteadyTime now) const {
  const std::lock_guard lock(mutex_);
  TraceReport report = report_;
  report.ended = !is_open(now);
  return report;
}

}  // namespace server
}  // namespace wscast
