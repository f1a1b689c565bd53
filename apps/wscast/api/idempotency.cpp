#include "api/idempotency.h"

#include <iterator>
#include <string_view>
#include <utility>

#include "api/problem.h"
#include "api/response_text.h"

namespace wscast::program {
namespace {

constexpr std::chrono::minutes kKept{5};
constexpr std::size_t kMaxEntries = 10'000;

/// What other servers see while the first request is under way, and for how long if its server ends
/// meanwhile.
constexpr std::string_view kUnderWay = "";
constexpr std::chrono::seconds kUnderWayKept{30};

std::string store_key(const std::string& key) {
  return "idempotency:" + key;
}

}  // namespace

void Idempotency::begin(const std::string& key, const Respond& respond, Time now, const Run& run) {
  if (!begin_here(key, respond, now)) return;
  begin_everywhere(key, respond, run);
}

bool Idempotency::begin_here(const std::string& key, const Respond& respond, Time now) {
  std::optional<ApiResponse> known;
  {
    const std::lock_guard lock(mutex_);
    forget(now);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) {
      entries_.push_back({.key = key, .until = now + kKept});
      by_key_.emplace(key, std::prev(entries_.end()));
      return true;
    }
    Entry& entry = *found->second;
    known = entry.response;
    if (!known) entry.waiting.push_back(respond);
  }
  if (known) respond(std::move(*known));
  return false;
}

/// Whoever stores the mark is the first of all servers.
void Idempotency::begin_everywhere(const std::string& key, const Respond& respond, const Run& run) {
  const auto on_result = [self = shared_from_this(), key, respond, run](const StoreResult& result) {
    if (result.status != StoreStatus::present) return self->run_first(key, respond, run);
    const auto response = read_response(result.value);
    ApiResponse answer =
        response ? *response : problem(409, "another server is making a request with this key");
    if (!response) answer.headers.emplace_back("Retry-After", "1");
    self->finish(key, answer, response.has_value());
    respond(std::move(answer));
  };
  const std::string name = store_key(key);
  const auto error =
      store_({.key = name, .value = kUnderWay, .ttl = kUnderWayKept, .on_result = on_result});
  if (error) run_first(key, respond, run);
}

void Idempotency::run_first(const std::string& key, const Respond& respond, const Run& run) {
  run([self = shared_from_this(), key, respond](ApiResponse response) {
    self->finish(key, response, true);
    const std::string name = store_key(key);
    const std::string text = response_text(response);
    self->store_({.key = name,
                  .value = text,
                  .ttl = kKept,
                  .replace = true,
                  .on_result = [](const StoreResult&) {}});
    respond(std::move(response));
  });
}

void Idempotency::finish(const std::string& key, const ApiResponse& response, bool keep) {
  std::vector<Respond> waiting;
  {
    const std::lock_guard lock(mutex_);
    const auto found = by_key_.find(key);
    if (found == by_key_.end()) return;
    waiting = std::exchange(found->second->waiting, {});
    if (keep) {
      found->second->response = response;
    } else {
      entries_.erase(found->second);
      by_key_.erase(found);
    }
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
