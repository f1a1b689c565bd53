#include "net/timers.h"

#include <algorithm>

namespace wscast::net {

SteadyTime Timers::earliest() const {
  const auto first = std::ranges::min_element(entries_, {}, &Entry::when);
  return first == entries_.end() ? SteadyTime::max() : first->when;
}

void Timers::run_due(SteadyTime now) {
  while (const auto task = take_due(now)) {
    if (!(*task)()) remove(task);
  }
}

void Timers::remove(const std::shared_ptr<const Task>& task) {
  std::erase_if(entries_, [&task](const Entry& entry) { return entry.task == task; });
}

/// Returns the next task, already removed or set to its next time; null if none is due.
std::shared_ptr<const Timers::Task> Timers::take_due(SteadyTime now) {
  const auto first = std::ranges::min_element(entries_, {}, &Entry::when);
  if (first == entries_.end() || first->when > now) return nullptr;
  auto task = first->task;
  if (first->period.count() > 0) {
    first->when = now + first->period;
  } else {
    entries_.erase(first);
  }
  return task;
}

}  // namespace wscast::net
