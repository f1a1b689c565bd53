#include "api/idempotency.h"

#include <iterator>
#include <utility>

namespace wscast::program {
namespace {

constexpr std::chrono::minutes kKept{5};
constexpr std::size_t kMaxEntries = 10'000;

}  // namespace

Respond Idempotency::begin(const std::string& key, const Respond& respond, Time now) {
  std::optional<ApiResponse> known;
  {
    const std::lock_guard lock(mutex_);
    forget(now);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      entries_.push_back({.key = key, .until = now + kKept});
      by_key_.emplace(key, std::prev(entries_.end()));
    } else {
      Entry& entry = *found->second;
      known = entry.response;
      if (!known) entry.waiting.push_back(respond);
      if (!known) return {};
    }
  }
  if (known) {
    respond(std::move(*known));
    return {};
  }
  return [self = shared_from_this(), key, respond](ApiResponse response) {
    self->finish(key, response);
    respond(std::move(response));
  };
}

void Idempotency::finish(const std::string& key, const ApiResponse& response) {
  std::vector<Respond> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    found->second->response = response;
    waiting = std::exchange(found->second->waiting, {});
  }
  for (const Respond& respond : waiting) respond(response);
}

/// What is under way stays, so that those that wait for it are answered.
void Idempotency::forget(Time now) {
  auto entry = entries_.begin();
  while (entry != entries_.end()) {
    const bool due = entry->until <= now || entries_.size() >= kMaxEntries;
    if (!due) break;
    if (!entry->response) {
      ++entry;
      continue;
    }
    by_key_.erase(entry->key);
    entry = entries_.erase(entry);
  }
}

}  // namespace wscast::program
